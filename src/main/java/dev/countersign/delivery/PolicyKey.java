package dev.countersign.delivery;

import java.util.UUID;

/// Names a policy that the portal delivers: cluster, namespace, name.
public record PolicyKey(UUID cluster, String namespace, String name) {
    /// `namespace/name`.
    public String inCluster() {
        return namespace + "/" + name;
    }
}
