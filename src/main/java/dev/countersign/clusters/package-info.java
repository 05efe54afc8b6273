/// Kubernetes API endpoints: registering them, keeping their credentials, talking to them. The only room that imports the
/// Kubernetes client.
@ApplicationModule(
        displayName = "clusters",
        allowedDependencies = {"policy :: model", "policy :: yaml", "tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.clusters;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
