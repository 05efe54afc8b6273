package dev.countersign.delivery;

import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import java.util.Collection;
import java.util.stream.Collectors;

/// How entries of the record speak about delivery.
final class DeliveryFacts {
    private DeliveryFacts() {}

    static Subject subject(ClusterRef cluster, String namespace, String name) {
        return new Subject("policy", cluster.name() + "/" + namespace + "/" + name);
    }

    /// " for requests 7 and 9", or nothing.
    static String forRequests(Collection<Long> numbers) {
        return numbers.isEmpty() ? "" : (numbers.size() == 1 ? " for request " : " for requests ")
                + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
