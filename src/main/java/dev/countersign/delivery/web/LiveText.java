package dev.countersign.delivery.web;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A live object as text, without what the API server adds for itself and in the order in which the portal writes, so that
/// it reads beside what was approved.
final class LiveText {
    private static final Set<String> SERVERS_OWN =
            Set.of("managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink");
    private static final List<String> ORDER = List.of("apiVersion", "kind", "metadata", "spec", "name", "namespace", "labels",
            "annotations", "selector", "action", "provider", "rules", "from", "to", "when");

    private LiveText() {}

    static String of(LivePolicy policy) {
        return of(policy.tree());
    }

    static String of(Map<String, Object> policy) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>(policy);
        tree.remove("status");
        if (tree.get("metadata") instanceof Map<?, ?> metadata) {
            Map<Object, @Nullable Object> kept = new LinkedHashMap<>(metadata);
            kept.keySet().removeAll(SERVERS_OWN);
            tree.put("metadata", kept);
        }
        return PolicyWriter.text(ordered(tree));
    }

    /// Fields that are not named in the order follow those that are, by the alphabet.
    private static Map<String, @Nullable Object> ordered(Map<?, ?> map) {
        Map<String, @Nullable Object> ordered = new LinkedHashMap<>();
        map.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<?, ?> field) -> place(field.getKey()))
                        .thenComparing(field -> field.getKey().toString()))
                .forEach(field -> ordered.put(field.getKey().toString(), value(field.getValue())));
        return ordered;
    }

    private static int place(Object key) {
        int place = ORDER.indexOf(key.toString());
        return place < 0 ? ORDER.size() : place;
    }

    private static @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> ordered(map);
            case List<?> list -> list.stream().map(LiveText::value).toList();
            case null, default -> value;
        };
    }
}
