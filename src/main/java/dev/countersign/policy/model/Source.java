package dev.countersign.policy.model;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// One entry of `from`: a conjunction over its fields. At least one field; fields without values do not exist.
public record Source(Map<SourceField, Values> fields) {
    public Source {
        EnumMap<SourceField, Values> kept = new EnumMap<>(SourceField.class);
        fields.forEach((field, values) -> {
            if (!values.isEmpty()) {
                kept.put(field, values);
            }
        });
        if (kept.isEmpty()) {
            throw new IllegalArgumentException("a source needs at least one field with values");
        }
        fields = java.util.Collections.unmodifiableMap(kept);
    }

    public static Source of(SourceField field, Values values) {
        return new Source(Map.of(field, values));
    }

    public static Source principals(List<String> principals) {
        return of(SourceField.PRINCIPALS, Values.any(principals));
    }

    /// This source narrowed by one more field (replacing it if present).
    public Source and(SourceField field, Values values) {
        EnumMap<SourceField, Values> more = new EnumMap<>(fields);
        more.put(field, values);
        return new Source(more);
    }

    public Values get(SourceField field) {
        return fields.getOrDefault(field, Values.EMPTY);
    }
}
