package dev.countersign.policy.model;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The metadata that reasoning and writing need; labels and annotations in key order.
public record ObjectMeta(
        String namespace,
        String name,
        Map<String, String> labels,
        Map<String, String> annotations,
        Optional<Instant> creationTimestamp) {
    public ObjectMeta {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("metadata.name is missing");
        }
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }

    public static ObjectMeta of(String namespace, String name) {
        return new ObjectMeta(namespace, name, Map.of(), Map.of(), Optional.empty());
    }

    /// `namespace/name`.
    public String key() {
        return namespace + "/" + name;
    }
}
