/// What is granted: promises with an end, made by approved requests.
///
/// `clusters` is in the list for `ClusterRef`, which names the place of a grant, and for the names that a rollout plan may say.
@ApplicationModule(
        displayName = "grants",
        allowedDependencies = {"requests", "clusters", "policy :: model", "policy :: compile", "tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.grants;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
