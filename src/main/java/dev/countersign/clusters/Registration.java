package dev.countersign.clusters;

import java.util.List;

/// What became of registering a cluster or changing a registered one.
public sealed interface Registration {
    /// It stands. `warnings` tell what an administrator should know (rights that go too far, …).
    record Registered(ClusterRef cluster, List<String> warnings) implements Registration {
        public Registered {
            warnings = List.copyOf(warnings);
        }
    }

    /// Nothing was stored.
    record Refused(List<Problem> problems) implements Registration {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /// `field` is the field of the form, empty for the whole; `message` says what to do. Never holds a secret.
    record Problem(String field, String message) {}
}
