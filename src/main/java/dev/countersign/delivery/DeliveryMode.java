package dev.countersign.delivery;

/// How a cluster gets its policies.
public enum DeliveryMode {
    /// The portal writes them to the cluster.
    DIRECT,
    /// The portal writes them to a branch of a Git repository and nothing to the cluster: Argo CD, Flux or another controller takes
    /// them from there.
    REPOSITORY
}
