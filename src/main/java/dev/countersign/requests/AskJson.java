package dev.countersign.requests;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.SerializationFeature;

/// An Ask, its places and its period as stored text: members in alphabetical order, the same value the same bytes.
public final class AskJson {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private AskJson() {}

    public static String write(Ask ask) {
        return MAPPER.writeValueAsString(ask.tree());
    }

    /// Reads what `write` wrote. Throws IllegalStateException for anything else: stored asks are never wrong.
    public static Ask read(String json) {
        return switch (DraftReader.readAsk(tree(json))) {
            case DraftReader.AskReading.Read(Ask ask) -> ask;
            case DraftReader.AskReading.Unreadable(var problems) ->
                throw new IllegalStateException("a stored ask cannot be read: " + problems);
        };
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> tree(String json) {
        return MAPPER.readValue(json, Map.class);
    }
}
