/// The workbench: questions about policies that change nothing. May this call pass; what would Istio say about this text;
/// who may call a service, and by whose word; who could at a moment of the past, which `delivery` folds from the record. A roof: nothing imports it.
@ApplicationModule(
        displayName = "workbench",
        allowedDependencies = {
            "catalog", "clusters", "requests", "grants", "delivery", "policy :: model", "policy :: yaml", "policy :: check", "policy :: eval",
            "policy :: reason", "policy :: compile", "tenancy", "web", "audit", "identity"
        })
@NullMarked
package dev.countersign.workbench;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
