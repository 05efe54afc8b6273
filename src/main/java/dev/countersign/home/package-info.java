/// The roof's front door: what waits for a person, where their own requests stand, what ends soon, and finding anything by
/// name. It only reads what the rooms below answer.
@ApplicationModule(
        displayName = "home",
        allowedDependencies = {"requests", "approval", "grants", "catalog", "clusters", "policy :: compile", "tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.home;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
