package dev.countersign.clusters;

/// Why a watch ended.
public sealed interface WatchOutcome permits WatchOutcome.Ended, WatchOutcome.Expired, ClusterTrouble {
    /// The cluster or the caller closed it: go on from `resourceVersion`.
    record Ended(String resourceVersion) implements WatchOutcome {}

    /// The cluster no longer remembers the version (410): list again.
    record Expired() implements WatchOutcome {}
}
