package dev.countersign.policy.check;

import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.policy.yaml.YamlPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an API server that has Istio's CRDs says about an object: types, words, limits and missing fields first; the
/// cross-field rules (CEL) only where nothing of the first kind was found, as a real one does.
public final class CrdSchema {
    private static final Set<String> TOP = Set.of("apiVersion", "kind", "metadata", "spec", "status");
    private static final Map<String, Kind> KINDS = load();

    private CrdSchema() {}

    /// A kind of which the schema is known: its API group, served versions, and the type of its spec.
    record Kind(String group, List<String> versions, CrdType spec) {}

    /// Every complaint of the API server about a tree of this kind; empty where it would be stored. Unknown fields are
    /// those with code `C1`: under server-side apply a real API server answers them with status 500, under strict
    /// validation with 400, and otherwise it drops them. A kind that is not known has no complaints.
    public static List<Finding> validate(String kind, Map<String, Object> tree) {
        return kind(kind).map(known -> validate(known, tree)).orElse(List.of());
    }

    /// Whether a finding says that a field is not in the schema.
    public static boolean isUnknownField(Finding finding) {
        return finding.code() == FindingCode.C1;
    }

    static Optional<Kind> kind(String kind) {
        return Optional.ofNullable(KINDS.get(kind));
    }

    private static List<Finding> validate(Kind kind, Map<String, Object> tree) {
        Findings schema = new Findings();
        Findings unknown = new Findings();
        Findings rules = new Findings();
        for (String key : tree.keySet()) {
            if (!TOP.contains(key)) {
                unknown.add(FindingCode.C1, YamlPath.key("", key), "the API server does not know the field " + key);
            }
        }
        if (tree.containsKey("spec")) {
            Walk walk = new Walk(schema, unknown, rules);
            walk.value(tree.get("spec"), kind.spec(), "spec");
        }
        List<Finding> all = new ArrayList<>(schema.list());
        if (schema.isEmpty()) {
            all.addAll(rules.list());
        }
        all.addAll(unknown.list());
        return List.copyOf(all);
    }

    /// One descent; each kind of complaint into its own list.
    private record Walk(Findings schema, Findings unknown, Findings rules) {
        void value(@Nullable Object value, CrdType type, String path) {
            if (value == null) {
                if (!type.nullable()) {
                    schema.add(FindingCode.C3, path, "null is not " + called(type));
                }
                return;
            }
            if (type.isMap()) {
                if (value instanceof Map<?, ?> map) {
                    map(map, type, path);
                } else {
                    wrong(value, type, path);
                }
            } else if (type.items().isPresent()) {
                if (value instanceof List<?> list) {
                    list(list, type, path);
                } else {
                    wrong(value, type, path);
                }
            } else {
                plain(value, type, path);
            }
            CrdRules.check(type, value, path, rules);
        }

        private void map(Map<?, ?> map, CrdType type, String path) {
            bounds(map.size(), type, "minEntries", "maxEntries", "entries", path);
            for (String needed : type.needs()) {
                if (!map.containsKey(needed)) {
                    schema.add(FindingCode.C5, YamlPath.key(path, needed), "the field " + needed + " is required");
                }
            }
            for (List<String> group : type.atMostOneOf()) {
                if (group.stream().filter(map::containsKey).count() > 1) {
                    schema.add(FindingCode.C9, path, "only one of " + String.join(", ", group) + " may be there");
                }
            }
            map.forEach((key, inner) -> {
                String child = YamlPath.key(path, String.valueOf(key));
                CrdType known = type.fields().get(String.valueOf(key));
                if (known != null) {
                    value(inner, known, child);
                } else if (type.entries().isPresent()) {
                    value(inner, type.entries().get(), child);
                } else if (!type.fields().isEmpty() && !type.open()) {
                    unknown.add(FindingCode.C1, child, "the API server does not know the field " + key);
                }
            });
        }

        private void list(List<?> list, CrdType type, String path) {
            bounds(list.size(), type, "minItems", "maxItems", "items", path);
            for (int i = 0; i < list.size(); i++) {
                value(list.get(i), type.items().orElseThrow(), YamlPath.item(path, i));
            }
        }

        private void plain(Object value, CrdType type, String path) {
            boolean fits = switch (type.plain()) {
                case "text" -> value instanceof String;
                case "truth" -> value instanceof Boolean;
                case "int" -> value instanceof Number number && number.doubleValue() == Math.rint(number.doubleValue());
                case "number" -> value instanceof Number;
                case "intOrString" -> value instanceof String || value instanceof Number;
                default -> true;
            };
            if (!fits) {
                wrong(value, type, path);
                return;
            }
            if (!type.words().isEmpty() && !type.words().contains(String.valueOf(value))) {
                schema.add(FindingCode.C2, path, "\"" + value + "\" is not one of " + String.join(", ", type.words()));
            }
            if (value instanceof String text) {
                bounds(text.codePointCount(0, text.length()), type, "minLength", "maxLength", "characters", path);
                if (type.pattern().isPresent()
                        && !type.pattern().get().matcher(text).find()) {
                    schema.add(
                            FindingCode.C4,
                            path,
                            "\"" + text + "\" does not match " + type.pattern().get());
                }
            }
            if (value instanceof Number number) {
                bounds(number.doubleValue(), type, "min", "max", "", path);
            }
        }

        private void bounds(double measure, CrdType type, String least, String most, String unit, String path) {
            type.limit(least)
                    .filter(limit -> measure < limit)
                    .ifPresent(limit -> schema.add(
                            FindingCode.C4, path, (shown(measure) + " " + unit).strip() + " is below " + shown(limit)));
            type.limit(most)
                    .filter(limit -> measure > limit)
                    .ifPresent(limit -> schema.add(
                            FindingCode.C4, path, (shown(measure) + " " + unit).strip() + " is above " + shown(limit)));
        }

        private void wrong(Object value, CrdType type, String path) {
            schema.add(
                    FindingCode.C3,
                    path,
                    (value instanceof String ? "\"" + value + "\"" : value) + " is not " + called(type));
        }

        private static String called(CrdType type) {
            if (type.isMap()) {
                return "a map";
            }
            return type.items().isPresent()
                    ? "a list"
                    : switch (type.plain()) {
                        case "text" -> "text";
                        case "truth" -> "true or false";
                        case "int" -> "a whole number";
                        default -> "a number";
                    };
        }

        private static String shown(double number) {
            return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
        }
    }

    private static Map<String, Kind> load() {
        try (InputStream stream = CrdSchema.class.getResourceAsStream("crd-schema.yaml")) {
            if (stream == null) {
                throw new IllegalStateException("crd-schema.yaml is not in the program");
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            if (!(PolicyReader.read(text) instanceof Reading.Read(var documents))) {
                throw new IllegalStateException("crd-schema.yaml is unreadable");
            }
            Map<String, Object> schema = documents.getFirst().tree();
            Map<String, Map<String, Object>> types = new LinkedHashMap<>();
            CrdType.mapOf(schema.get("types")).forEach((name, form) -> types.put(name, CrdType.mapOf(form)));
            Map<String, CrdType> known = new LinkedHashMap<>();
            Map<String, Kind> kinds = new LinkedHashMap<>();
            CrdType.mapOf(schema.get("kinds")).forEach((name, form) -> {
                Map<String, Object> kind = CrdType.mapOf(form);
                List<String> versions = ((List<?>) kind.get("versions"))
                        .stream().map(String::valueOf).toList();
                CrdType spec = CrdType.of(Map.of("is", kind.get("spec")), types, known);
                kinds.put(name, new Kind((String) kind.get("group"), versions, spec));
            });
            return kinds;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
