package dev.countersign.policy.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one field of a CRD may hold. One of: an object with `fields`, a list of `items`, a map of `entries`, a plain
/// value (`plain`: text, int, number, truth), or an `open` object of any content. `hidden` are words that istiod
/// decodes and the API server refuses.
record CrdType(
        String plain,
        boolean open,
        Map<String, CrdType> fields,
        Optional<CrdType> items,
        Optional<CrdType> entries,
        List<String> needs,
        List<List<String>> atMostOneOf,
        List<String> words,
        List<String> hidden,
        List<String> checks,
        Map<String, Double> limits,
        Optional<Pattern> pattern,
        boolean nullable) {

    /// From the form of `crd-schema.yaml`. `types` are the named objects, read on first use.
    static CrdType of(Map<String, Object> form, Map<String, Map<String, Object>> types, Map<String, CrdType> known) {
        if (form.get("is") instanceof String name) {
            CrdType earlier = known.get(name);
            if (earlier == null) {
                earlier = of(types.get(name), types, known);
                known.put(name, earlier);
            }
            return earlier;
        }
        Map<String, CrdType> fields = new LinkedHashMap<>();
        mapOf(form.get("fields")).forEach((key, inner) -> fields.put(key, of(mapOf(inner), types, known)));
        Map<String, Double> limits = new LinkedHashMap<>();
        form.forEach((key, value) -> {
            if (value instanceof Number number) {
                limits.put(key, number.doubleValue());
            }
        });
        List<List<String>> alternatives = new ArrayList<>();
        if (form.get("atMostOneOf") instanceof List<?> groups) {
            groups.forEach(group -> alternatives.add(textsOf(group)));
        }
        return new CrdType(
                form.get("type") instanceof String type ? type : "",
                Boolean.TRUE.equals(form.get("open")),
                fields,
                inner(form.get("items"), types, known),
                inner(form.get("entries"), types, known),
                textsOf(form.get("needs")),
                alternatives,
                textsOf(form.get("words")),
                textsOf(form.get("hidden")),
                textsOf(form.get("checks")),
                limits,
                Optional.ofNullable(form.get("pattern") instanceof String text ? Pattern.compile(text) : null),
                Boolean.TRUE.equals(form.get("nullable")));
    }

    boolean isMap() {
        return !fields.isEmpty() || entries.isPresent() || open || plain.equals("object") || plain.equals("map");
    }

    Optional<Double> limit(String name) {
        return Optional.ofNullable(limits.get(name));
    }

    private static Optional<CrdType> inner(
            @Nullable Object form, Map<String, Map<String, Object>> types, Map<String, CrdType> known) {
        return form == null ? Optional.empty() : Optional.of(of(mapOf(form), types, known));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> mapOf(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static List<String> textsOf(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
