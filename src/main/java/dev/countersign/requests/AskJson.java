package dev.countersign.requests;

import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// An Ask and its places as stored text: members in alphabetical order, so that the same value has the same bytes.
public final class AskJson {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private AskJson() {}

    public static String write(Ask ask) {
        return MAPPER.writeValueAsString(ask.tree());
    }

    /// Reads what `write` wrote. Throws IllegalStateException for anything else: a stored ask is never wrong.
    public static Ask read(String json) {
        Map<String, Object> tree = MAPPER.readValue(json, new TypeReference<>() {});
        return switch (DraftReader.readAsk(tree)) {
            case DraftReader.AskReading.Read(Ask ask) -> ask;
            case DraftReader.AskReading.Unreadable(var problems) ->
                throw new IllegalStateException("a stored ask cannot be read: " + problems);
        };
    }

    public static String write(Place place) {
        return MAPPER.writeValueAsString(place);
    }

    public static Place readPlace(String json) {
        return MAPPER.readValue(json, Place.class);
    }

    static String write(List<Place> places) {
        return MAPPER.writeValueAsString(places);
    }

    static List<Place> readPlaces(String json) {
        return MAPPER.readValue(json, new TypeReference<>() {});
    }
}
