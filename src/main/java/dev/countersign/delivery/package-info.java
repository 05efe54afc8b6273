/// Brings what is granted into the clusters and keeps it there: revisions, attempts, drift.
@ApplicationModule(
        displayName = "delivery",
        allowedDependencies = {
            "grants", "catalog", "clusters", "git", "requests", "policy :: model", "policy :: yaml", "policy :: compile", "policy :: eval",
            "policy :: reason", "policy :: check", "tenancy", "web", "audit", "identity"
        })
@NullMarked
package dev.countersign.delivery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
