package dev.countersign.policy.model;

import java.util.EnumMap;
import java.util.Map;

/// One entry of `to`: a conjunction over its fields. At least one field; fields without values do not exist.
public record Operation(Map<OperationField, Values> fields) {
    public Operation {
        EnumMap<OperationField, Values> kept = new EnumMap<>(OperationField.class);
        fields.forEach((field, values) -> {
            if (!values.isEmpty()) {
                kept.put(field, values);
            }
        });
        if (kept.isEmpty()) {
            throw new IllegalArgumentException("an operation needs at least one field with values");
        }
        fields = java.util.Collections.unmodifiableMap(kept);
    }

    public static Operation of(OperationField field, Values values) {
        return new Operation(Map.of(field, values));
    }

    /// This operation narrowed by one more field (replacing it if present).
    public Operation and(OperationField field, Values values) {
        EnumMap<OperationField, Values> more = new EnumMap<>(fields);
        more.put(field, values);
        return new Operation(more);
    }

    public Values get(OperationField field) {
        return fields.getOrDefault(field, Values.EMPTY);
    }
}
