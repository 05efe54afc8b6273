package dev.countersign.clusters;

import dev.countersign.policy.model.Tree;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// JSON text to trees and back. Jackson's own limits on depth, numbers and names hold; no types but those of JSON.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /// Empty for what is not one JSON object.
    static Optional<Map<String, Object>> object(byte[] text) {
        try {
            return tree(MAPPER.readValue(text, Object.class));
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    static Optional<Map<String, Object>> object(String text) {
        try {
            return tree(MAPPER.readValue(text, Object.class));
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    static String write(Map<String, Object> tree) {
        return MAPPER.writeValueAsString(tree);
    }

    private static Optional<Map<String, Object>> tree(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? Optional.of(Tree.copyOf(map)) : Optional.empty();
    }
}
