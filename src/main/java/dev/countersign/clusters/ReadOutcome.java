package dev.countersign.clusters;

/// What became of reading one object.
public sealed interface ReadOutcome permits ReadOutcome.Found, ReadOutcome.Absent, ClusterTrouble {
    record Found(ClusterObject object) implements ReadOutcome {}

    /// The cluster says that there is no such object (or no such namespace or kind).
    record Absent() implements ReadOutcome {}
}
