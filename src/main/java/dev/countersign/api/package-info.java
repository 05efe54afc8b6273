/// The REST API under `/api/v1`: the same rooms, asked by programs. It holds no rule of its own but those of the wire: how JSON
/// is read, how a refusal is said, how a retry is recognised, how a list is paged.
@ApplicationModule(
        displayName = "api",
        allowedDependencies = {
            "requests", "approval", "grants", "delivery", "adoption", "notices", "catalog", "clusters", "policy :: model", "policy :: yaml", "policy :: check",
            "policy :: compile", "policy :: eval", "policy :: reason", "tenancy", "web", "audit", "identity"
        })
@NullMarked
package dev.countersign.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
