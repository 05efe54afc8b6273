package dev.countersign.web;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is wrong with a form, by field, each in words that say what to do. The model attribute `errors` of a page.
public record FieldErrors(Map<String, String> byField) {
    public static final FieldErrors NONE = new FieldErrors(Map.of());

    public FieldErrors {
        byField = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(byField));
    }

    /// These and one more; the first word on a field stands.
    public FieldErrors with(String field, String message) {
        Map<String, String> more = new LinkedHashMap<>(byField);
        more.putIfAbsent(field, message);
        return new FieldErrors(more);
    }

    public boolean has(String field) {
        return byField.containsKey(field);
    }

    public @Nullable String of(String field) {
        return byField.get(field);
    }

    public boolean isEmpty() {
        return byField.isEmpty();
    }
}
