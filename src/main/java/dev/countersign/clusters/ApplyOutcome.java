package dev.countersign.clusters;

import java.util.List;

/// What became of a server-side apply.
public sealed interface ApplyOutcome permits ApplyOutcome.Applied, ApplyOutcome.Conflicted, ApplyOutcome.Stale, ClusterTrouble {
    /// The cluster holds it: `object` is its answer. `changed` is false only where the object is
    /// known to have been the same before: it existed, and its resourceVersion is the expected one.
    record Applied(ClusterObject object, boolean changed) implements ApplyOutcome {
        public String uid() {
            return object.uid();
        }

        public String resourceVersion() {
            return object.resourceVersion();
        }

        public long generation() {
            return object.generation();
        }
    }

    /// Other field managers own fields that we would change. Nothing was written, and nothing is ever forced.
    record Conflicted(List<FieldConflict> conflicts, String words) implements ApplyOutcome {
        public Conflicted {
            conflicts = List.copyOf(conflicts);
        }

        public List<String> managers() {
            return conflicts.stream().map(FieldConflict::manager).distinct().toList();
        }

        public List<String> fields() {
            return conflicts.stream().map(FieldConflict::field).distinct().toList();
        }

        public String advice() {
            return "Let " + String.join(", ", managers()) + " give up the fields, or delete that object, then reconcile.";
        }
    }

    /// `field` as the API server names it (`.spec.rules`).
    record FieldConflict(String manager, String field) {}

    /// The object is not the one or not in the state that was expected: read it again.
    record Stale(String words) implements ApplyOutcome, DeleteOutcome {}
}
