package dev.countersign.clusters;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/// JSON text to trees (see `policy.model.Tree`) and back. Jackson's own limits on depth, numbers and names hold; no types but those of
/// JSON. Of a name that stands twice in an object, the last value counts.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    /// Empty for what is not one JSON object.
    static Optional<Map<String, Object>> object(byte[] text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            return object(parser);
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    static Optional<Map<String, Object>> object(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            return object(parser);
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    static String write(Map<String, Object> tree) {
        return MAPPER.writeValueAsString(tree);
    }

    private static Optional<Map<String, Object>> object(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        Map<String, Object> tree = map(parser);
        return parser.nextToken() == null ? Optional.of(tree) : Optional.empty();
    }

    /// Built as it is read, in its one form: a list of a cluster is large. The parser's limit on depth bounds the recursion.
    private static Map<String, Object> map(JsonParser parser) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            put(map, name, value(parser, parser.nextToken()));
        }
        return Collections.unmodifiableMap(map);
    }

    private static List<@Nullable Object> list(JsonParser parser) {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(value(parser, token));
        }
        return Collections.unmodifiableList(list);
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> map(parser);
            case START_ARRAY -> list(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_NUMBER_INT -> parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? parser.getBigIntegerValue() : (Object) parser.getLongValue();
            default -> throw new IllegalStateException("no value of JSON: " + token);
        };
    }

    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // JSON's null is a value of these maps
    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        map.put(key, value);
    }
}
