package dev.countersign.policy.reason;

import dev.countersign.policy.model.Workload;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What must never be opened, whoever approves it: a name for people, the workloads that it protects, and the calls that
/// must not reach them. Data, so that a tenant can keep its own.
public record Bound(String name, Where where, Forbidden forbidden) {
    /// Workloads by namespace (any, where empty) and labels (all of these).
    public record Where(Optional<String> namespace, Map<String, String> labels) {
        public static final Where EVERYWHERE = new Where(Optional.empty(), Map.of());

        public Where {
            labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        }

        public static Where namespace(String namespace) {
            return new Where(Optional.of(namespace), Map.of());
        }

        public static Where labels(Map<String, String> labels) {
            return new Where(Optional.empty(), labels);
        }

        boolean holds(Workload workload) {
            return namespace.filter(one -> !one.equals(workload.namespace())).isEmpty()
                    && workload.labels().entrySet().containsAll(labels.entrySet());
        }
    }

    /// Which calls.
    public sealed interface Forbidden {
        /// Calls of identities of these namespaces; values as `namespaces` of a policy takes them (`staging`, `dev-*`).
        record FromNamespaces(List<String> namespaces) implements Forbidden {
            public FromNamespaces {
                namespaces = List.copyOf(namespaces);
                if (namespaces.isEmpty()) {
                    throw new IllegalArgumentException("a bound on callers needs a namespace");
                }
            }
        }

        /// Calls of anyone whom no ALLOW rule names by principal or service account: wildcards, whole namespaces, no identity.
        record FromUnnamed() implements Forbidden {}

        /// Whatever comes from outside the workload's namespace, plain text included, and is no HTTP call of these methods.
        record OutsideExcept(List<String> methods) implements Forbidden {
            public OutsideExcept {
                methods = List.copyOf(methods);
            }
        }
    }

    /// "Never from staging to production."
    public static Bound never(String from, String to) {
        return new Bound("never from " + from + " to " + to, Where.namespace(to), new Forbidden.FromNamespaces(List.of(from)));
    }
}
