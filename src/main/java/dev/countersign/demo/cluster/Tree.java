package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reading and copying of objects as they travel: maps, lists, strings, `Long`, `Double`, booleans and null.
/// A tree that has been stored is never changed again; who wants to change one takes a `copy`.
final class Tree {
    private Tree() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(@Nullable Object value) {
        return value instanceof List<?> list ? (List<Object>) list : List.of();
    }

    static Optional<Object> at(Map<String, Object> tree, String... path) {
        Object here = tree;
        for (var step : path) {
            if (!(here instanceof Map<?, ?> map)) {
                return Optional.empty();
            }
            here = map.get(step);
        }
        return Optional.ofNullable(here);
    }

    static Map<String, Object> mapAt(Map<String, Object> tree, String... path) {
        return map(at(tree, path).orElse(null));
    }

    static Optional<String> text(Map<String, Object> tree, String... path) {
        return at(tree, path).filter(String.class::isInstance).map(String.class::cast);
    }

    /// The map below `key`, made if it is not there; `tree` must be a private copy.
    @SuppressWarnings("unchecked")
    static Map<String, Object> child(Map<String, Object> tree, String key) {
        if (tree.get(key) instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        var made = new LinkedHashMap<String, Object>();
        tree.put(key, made);
        return made;
    }

    static Map<String, Object> copy(Map<String, Object> tree) {
        var copy = LinkedHashMap.<String, Object>newLinkedHashMap(tree.size());
        tree.forEach((key, value) -> copy.put(key, copyOf(value)));
        return copy;
    }

    private static @Nullable Object copyOf(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> copy(map(map));
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>(list.size());
                list.forEach(item -> copy.add(copyOf(item)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    /// Parsers differ in the width of a number; equality must not. Keys become text, integers become `Long`.
    static @Nullable Object normal(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var normal = LinkedHashMap.<String, @Nullable Object>newLinkedHashMap(map.size());
                map.forEach((key, item) -> normal.put(String.valueOf(key), normal(item)));
                yield normal;
            }
            case List<?> list -> {
                var normal = new ArrayList<@Nullable Object>(list.size());
                list.forEach(item -> normal.add(normal(item)));
                yield normal;
            }
            case Integer number -> number.longValue();
            case Float number -> number.doubleValue();
            case null, default -> value;
        };
    }

    /// Takes away every key without a value; the null of a list stays. `tree` must be a private copy.
    static void dropNulls(Map<String, Object> tree) {
        tree.values().removeIf(Objects::isNull);
        tree.values().forEach(Tree::dropNullsIn);
    }

    private static void dropNullsIn(@Nullable Object value) {
        switch (value) {
            case Map<?, ?> map -> dropNulls(map(map));
            case List<?> list -> list.forEach(Tree::dropNullsIn);
            case null, default -> {}
        }
    }

    /// A map of the given pairs, in their order, that may be changed.
    static Map<String, Object> of(Object... pairs) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
