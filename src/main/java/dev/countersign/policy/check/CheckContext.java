package dev.countersign.policy.check;

import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.TrustDomains;
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
/// - `trustDomains`: the mesh's own and its aliases.
public record CheckContext(
        Optional<Set<String>> namespaces,
        Optional<List<KnownWorkload>> workloads,
        Optional<Set<String>> providers,
        String rootNamespace,
        Optional<TrustDomains> trustDomains) {
    public static final CheckContext NOTHING_KNOWN =
            new CheckContext(Optional.empty(), Optional.empty(), Optional.empty(), "istio-system", Optional.empty());

    public CheckContext {
        namespaces = namespaces.map(Set::copyOf);
        workloads = workloads.map(List::copyOf);
        providers = providers.map(Set::copyOf);
    }

    /// - `ports`: container port to whether it carries HTTP.
    /// - `dataPlane`: what enforces policies for it.
    /// - `strict`: mutual TLS is demanded on every port, so that no call without an identity arrives.
    public record KnownWorkload(String namespace, Map<String, String> labels, Map<Integer, Boolean> ports, DataPlane dataPlane, boolean strict) {
        public KnownWorkload {
            labels = Map.copyOf(labels);
            ports = Map.copyOf(ports);
        }

        public static KnownWorkload of(Workload workload, Map<Integer, Boolean> ports, boolean strict) {
            return new KnownWorkload(workload.namespace(), workload.labels(), ports, workload.dataPlane(), strict);
        }
    }

    /// Those that the object's selector selects, everything of its namespace without one; empty where workloads are not known,
    /// or the object chooses by reference, or stands in the root namespace and so selects of the whole mesh, of which a part is
    /// known at most.
    Optional<List<KnownWorkload>> selected(Node object) {
        Node spec = object.get("spec");
        if (spec.get("targetRef").isPresent() || spec.get("targetRefs").size() > 0) {
            return Optional.empty();
        }
        List<Map.Entry<String, Node>> labels = spec.get("selector").get("matchLabels").entries();
        String namespace = object.get("metadata").get("namespace").text();
        return workloads.filter(known -> !namespace.equals(rootNamespace)).map(all -> all.stream()
                .filter(workload -> workload.namespace().equals(namespace))
                .filter(workload -> labels.stream().allMatch(label -> label.getValue().text().equals(workload.labels().get(label.getKey()))))
                .toList());
    }

    /// Known that no call in plain text reaches what the object selects.
    boolean strict(Node object) {
        return selected(object).filter(workloads -> !workloads.isEmpty() && workloads.stream().allMatch(KnownWorkload::strict)).isPresent();
    }
}
