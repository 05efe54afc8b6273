package dev.countersign.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks into JSON values that may have any shape: what does not fit is empty.
final class JsonTree {
    private JsonTree() {}

    static Map<String, Object> map(Map<String, Object> tree, String key) {
        return asMap(tree.get(key));
    }

    static Optional<String> text(Map<String, Object> tree, String key) {
        return tree.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    static List<Map<String, Object>> maps(@Nullable Object value) {
        return value instanceof List<?> list ? list.stream().filter(Map.class::isInstance).map(JsonTree::asMap).toList() : List.of();
    }

    /// Only the entries whose value is text: labels and the like.
    static Map<String, String> texts(@Nullable Object value) {
        Map<String, String> texts = new LinkedHashMap<>();
        asMap(value).forEach((key, text) -> {
            if (text instanceof String word) {
                texts.put(key, word);
            }
        });
        return texts;
    }

    @SuppressWarnings("unchecked") // trees have text keys by construction
    private static Map<String, Object> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }
}
