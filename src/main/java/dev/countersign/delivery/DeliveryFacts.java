package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/// How entries of the record speak about delivery.
final class DeliveryFacts {
    static final Actor DELIVERY = Actor.system("delivery");
    /// Of what a cluster says, in characters.
    static final int MAX_WORDS = 3900;

    private DeliveryFacts() {}

    static Subject subject(ClusterRef cluster, String namespace, String name) {
        return new Subject("policy", cluster.name() + "/" + namespace + "/" + name);
    }

    /// " for requests 7 and 9", or nothing.
    static String forRequests(Collection<Long> numbers) {
        return numbers.isEmpty() ? "" : (numbers.size() == 1 ? " for request " : " for requests ")
                + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    static String shortened(String text, int longest) {
        String clean = text.replace("\u0000", "");
        return clean.length() <= longest ? clean : clean.substring(0, longest - 1) + "…";
    }

    record Applied(
            UUID clusterId, String cluster, String namespace, String name, long revision, List<Long> requests, String how, String uid,
            String resourceVersion, long generation, List<String> managers) {}

    record Trouble(
            UUID clusterId, String cluster, String namespace, String name, long revision, String outcome, String words, List<String> managers) {}

    record Drifted(UUID clusterId, String cluster, String namespace, String name, String what, List<String> managers) {}
}
