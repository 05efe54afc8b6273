package dev.countersign.delivery.web;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// A live object as text, without what the API server adds for itself.
final class LiveText {
    private static final Set<String> SERVERS_OWN =
            Set.of("managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink");

    private LiveText() {}

    static String of(LivePolicy policy) {
        Map<String, Object> tree = new LinkedHashMap<>(policy.tree());
        tree.remove("status");
        if (tree.get("metadata") instanceof Map<?, ?> metadata) {
            Map<String, Object> kept = new LinkedHashMap<>();
            metadata.forEach((key, value) -> {
                if (!SERVERS_OWN.contains(String.valueOf(key))) {
                    kept.put(String.valueOf(key), value);
                }
            });
            tree.put("metadata", kept);
        }
        return PolicyWriter.text(tree);
    }
}
