package dev.countersign.cluster;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.EmbeddedCluster;

/// Embedded clusters as the tests want them.
final class EmbeddedClusters {
    private EmbeddedClusters() {}

    /// With Istio's schemas and webhook, one administrator `admin`.
    static EmbeddedCluster checked() {
        return EmbeddedCluster.start(ClusterOptions.defaults());
    }
}
