package dev.countersign.policy.model;

import java.util.List;
import java.util.Map;

/// What a policy attaches to.
public sealed interface Target {
    /// Every workload of the policy's namespace; of the mesh, from the root namespace.
    record Everything() implements Target {}

    /// The workloads that carry all these labels. An empty selector is `Everything`.
    record Selector(Map<String, String> matchLabels) implements Target {
        public Selector {
            if (matchLabels.isEmpty()) {
                throw new IllegalArgumentException("an empty selector is Target.Everything");
            }
            matchLabels = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(matchLabels));
        }
    }

    /// Services, ServiceEntries, Gateways or GatewayClasses by name (`targetRefs`, or the older `targetRef`).
    record References(List<Reference> references) implements Target {
        public References {
            if (references.isEmpty()) {
                throw new IllegalArgumentException("targetRefs without an entry is Target.Everything");
            }
            references = List.copyOf(references);
        }
    }

    /// `group` is "" for the core group.
    record Reference(String group, String kind, String name) {}

    Everything EVERYTHING = new Everything();
}
