/// Asking: the request, the Ask that it carries, what it would open and cut, and its own life until it is decided.
@ApplicationModule(
        displayName = "requests",
        allowedDependencies = {
            "catalog",
            "clusters",
            "policy :: model",
            "policy :: yaml",
            "policy :: compile",
            "policy :: check",
            "policy :: eval",
            "policy :: reason",
            "tenancy",
            "web",
            "audit",
            "identity"
        })
@NullMarked
package dev.countersign.requests;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
