package dev.countersign.policy.check;

import dev.countersign.policy.model.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is known of the cluster that an object is for. An empty part is unknown and says nothing.
///
/// - `namespaces`: those that exist.
/// - `workloads`: those of the mesh, with what they listen on.
/// - `providers`: the extension providers of the mesh's configuration.
/// - `rootNamespace`: where a policy spans all namespaces.
public record CheckContext(
        Optional<Set<String>> namespaces,
        Optional<List<KnownWorkload>> workloads,
        Optional<Set<String>> providers,
        String rootNamespace) {
    public static final CheckContext NOTHING_KNOWN =
            new CheckContext(Optional.empty(), Optional.empty(), Optional.empty(), "istio-system");

    public CheckContext {
        namespaces = namespaces.map(Set::copyOf);
        workloads = workloads.map(List::copyOf);
        providers = providers.map(Set::copyOf);
    }

    /// `ports`: container port to whether it carries HTTP.
    public record KnownWorkload(String namespace, Map<String, String> labels, Map<Integer, Boolean> ports) {
        public KnownWorkload {
            labels = Map.copyOf(labels);
            ports = Map.copyOf(ports);
        }

        public static KnownWorkload of(Workload workload, Map<Integer, Boolean> ports) {
            return new KnownWorkload(workload.namespace(), workload.labels(), ports);
        }
    }
}
