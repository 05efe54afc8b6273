package dev.countersign.policy.model;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON values as plain Java: maps in their given order, lists, strings, booleans, null; whole numbers are `Long`
/// (beyond its range `BigInteger`), others `Double`. Copies are deep and cannot be changed.
public final class Tree {
    private Tree() {}

    /// Throws for keys that are not text and for values that JSON does not have.
    public static Map<String, Object> copyOf(Map<?, ?> map) {
        Map<String, Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, value) -> {
            if (!(key instanceof String text)) {
                throw new IllegalArgumentException("the key " + key + " is not text");
            }
            put(copy, text, valueOf(value));
        });
        return Collections.unmodifiableMap(copy);
    }

    /// A map in the order given: key, value, key, value.
    public static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return Collections.unmodifiableMap(map);
    }

    /// The value in its one form: `5` and `5L` become the same.
    public static @Nullable Object valueOf(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> copyOf(map);
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>(list.size());
                list.forEach(item -> copy.add(valueOf(item)));
                yield Collections.unmodifiableList(copy);
            }
            case String text -> text;
            case Boolean truth -> truth;
            case Long whole -> whole;
            case Integer whole -> whole.longValue();
            case Short whole -> whole.longValue();
            case Byte whole -> whole.longValue();
            case BigInteger whole when whole.bitLength() < Long.SIZE -> whole.longValue();
            case BigInteger whole -> whole;
            case Number number -> number.doubleValue();
            default ->
                throw new IllegalArgumentException(
                        "JSON has no " + value.getClass().getSimpleName());
        };
    }

    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // JSON's null is a value of these maps
    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        map.put(key, value);
    }
}
