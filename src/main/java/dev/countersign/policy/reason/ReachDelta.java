package dev.countersign.policy.reason;

import java.util.List;

/// What one change of policies does to the reach in a mesh, exactly: every source, workload and class of calls that is not as
/// before.
public record ReachDelta(List<Change> changes) {
    public ReachDelta {
        changes = List.copyOf(changes);
    }

    /// One class of calls to workloads for which all is alike.
    ///
    /// - `opened`, `cut`: whose calls pass now and did not for certain, and the other way round.
    /// - `doubted`, `settled`: of whose calls it is not known any more, or known now.
    /// - `proven`: the class was told apart; if not, everyone is in `doubted` and nothing is known of the difference.
    public record Change(
            List<String> workloads,
            OperationClass calls,
            CallerSet opened,
            CallerSet cut,
            CallerSet doubted,
            CallerSet settled,
            boolean proven) {
        public Change {
            workloads = List.copyOf(workloads);
        }
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /// Whether every difference is listed.
    public boolean proven() {
        return changes.stream().allMatch(Change::proven);
    }

    /// How many triples of source, workload and class opened.
    public long opened() {
        return changes.stream().mapToLong(change -> (long) change.workloads().size() * change.opened().size()).sum();
    }

    /// How many were cut.
    public long cut() {
        return changes.stream().mapToLong(change -> (long) change.workloads().size() * change.cut().size()).sum();
    }
}
