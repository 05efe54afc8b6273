package dev.countersign.clusters;

/// What became of a deletion.
public sealed interface DeleteOutcome permits DeleteOutcome.Deleted, DeleteOutcome.AlreadyGone, ApplyOutcome.Stale, ClusterTrouble {
    record Deleted() implements DeleteOutcome {}

    record AlreadyGone() implements DeleteOutcome {}
}
