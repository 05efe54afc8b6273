package dev.countersign.clusters;

/// What became of listing objects.
public sealed interface ListOutcome permits ListOutcome.Listed, ClusterTrouble {
    /// All pages were handed over; a watch from `resourceVersion` misses nothing after them.
    record Listed(String resourceVersion) implements ListOutcome {}
}
