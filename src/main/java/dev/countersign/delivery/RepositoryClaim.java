package dev.countersign.delivery;

import dev.countersign.clusters.ClusterRef;
import java.util.Optional;

/// A repository in a pusher's hands until the lease ends. Only the holder of the newest `fence` may push to it and record what became
/// of it.
///
/// - `password`: sealed; empty where there is none.
/// - `head`: the newest commit of the branch, as seen before.
record RepositoryClaim(
        ClusterRef cluster, RepositoryPlace place, String username, Optional<byte[]> password, Optional<String> head, int attempts, boolean failing, long fence) {
    @Override
    public String toString() {
        return "RepositoryClaim[" + cluster.name() + ", " + fence + "]";
    }
}
