package dev.countersign.policy.yaml;

import dev.countersign.policy.model.GoDuration;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A map under construction: what is absent or empty is left out.
final class Encoder {
    private final Map<String, Object> entries = new LinkedHashMap<>();

    /// Even when empty.
    void put(String key, Object value) {
        entries.put(key, value);
    }

    void text(String key, String value) {
        if (!value.isEmpty()) {
            entries.put(key, value);
        }
    }

    void optional(String key, Optional<?> value) {
        value.ifPresent(present -> entries.put(
                key,
                switch (present) {
                    case Integer number -> number.longValue();
                    case Duration duration -> GoDuration.format(duration);
                    default -> present;
                }));
    }

    void list(String key, Collection<?> values) {
        if (!values.isEmpty()) {
            entries.put(key, List.copyOf(values));
        }
    }

    void map(String key, Map<String, ?> values) {
        if (!values.isEmpty()) {
            entries.put(key, values);
        }
    }

    Map<String, Object> map() {
        return Collections.unmodifiableMap(entries);
    }
}
