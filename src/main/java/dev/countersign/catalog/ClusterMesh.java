package dev.countersign.catalog;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.MeshSettings;
import java.util.List;
import java.util.Optional;

/// The mesh of one cluster, as far as one tenant is concerned.
///
/// - `istioVersion`: as last seen; empty where it could not be seen.
/// - `namespaces`: those that the tenant owns, sorted.
public record ClusterMesh(ClusterRef cluster, MeshSettings settings, Optional<String> istioVersion, List<String> namespaces) {
    public ClusterMesh {
        namespaces = List.copyOf(namespaces);
    }
}
