package dev.countersign.delivery;

import java.util.Optional;
import java.util.UUID;

/// Who beside delivery writes to a cluster: asked before a cluster's mode changes, answered by the rooms above. Every method joins
/// the caller's transaction.
public interface ClusterWriters {
    /// What is being written to the cluster at this moment, as "adoption 7 removes a policy"; empty for nothing.
    Optional<String> writing(UUID cluster);
}
