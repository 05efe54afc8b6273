package dev.countersign.conformance;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Parsed JSON or YAML of the data files, as values of the model. Only for objects that are known to be right.
final class Objects {
    private Objects() {}

    static AuthorizationPolicy policy(Map<String, Object> object) {
        Map<String, Object> metadata = map(object, "metadata");
        Map<String, Object> spec = map(object, "spec");
        Map<String, Object> provider = map(spec, "provider");
        return new AuthorizationPolicy(
                new ObjectMeta(
                        text(metadata, "namespace", ""),
                        text(metadata, "name", ""),
                        texts(metadata, "labels"),
                        texts(metadata, "annotations"),
                        Optional.empty()),
                target(spec),
                Action.valueOf(text(spec, "action", "ALLOW")),
                Optional.ofNullable((String) provider.get("name")),
                list(spec, "rules").stream().map(Objects::rule).toList());
    }

    private static Target target(Map<String, Object> spec) {
        Map<String, String> labels = texts(map(spec, "selector"), "matchLabels");
        List<Map<String, Object>> references = new ArrayList<>(list(spec, "targetRefs"));
        if (!map(spec, "targetRef").isEmpty()) {
            references.add(map(spec, "targetRef"));
        }
        if (!references.isEmpty()) {
            return new Target.References(references.stream()
                    .map(one -> new Target.Reference(text(one, "group", ""), text(one, "kind", ""), text(one, "name", "")))
                    .toList());
        }
        return labels.isEmpty() ? Target.EVERYTHING : new Target.Selector(labels);
    }

    private static Rule rule(Map<String, Object> rule) {
        return new Rule(
                list(rule, "from").stream().map(entry -> source(map(entry, "source"))).toList(),
                list(rule, "to").stream().map(entry -> operation(map(entry, "operation"))).toList(),
                list(rule, "when").stream()
                        .map(when -> new Condition(text(when, "key", ""), values(when, "values", "notValues")))
                        .toList());
    }

    private static Source source(Map<String, Object> source) {
        Map<SourceField, Values> fields = new EnumMap<>(SourceField.class);
        for (SourceField field : SourceField.values()) {
            fields.put(field, values(source, field.key(), field.notKey()));
        }
        return new Source(fields);
    }

    private static Operation operation(Map<String, Object> operation) {
        Map<OperationField, Values> fields = new EnumMap<>(OperationField.class);
        for (OperationField field : OperationField.values()) {
            fields.put(field, values(operation, field.key(), field.notKey()));
        }
        return new Operation(fields);
    }

    private static Values values(Map<String, Object> object, String key, String notKey) {
        return new Values(strings(object, key), strings(object, notKey));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Map<String, Object> object, String key) {
        return object.get(key) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> object, String key) {
        return object.get(key) instanceof List<?> list
                ? list.stream().map(one -> one == null ? Map.<String, Object>of() : (Map<String, Object>) one).toList()
                : List.of();
    }

    static List<String> strings(Map<String, Object> object, String key) {
        return object.get(key) instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }

    static Map<String, String> texts(Map<String, Object> object, String key) {
        Map<String, String> texts = new java.util.TreeMap<>();
        map(object, key).forEach((name, value) -> texts.put(name, String.valueOf(value)));
        return texts;
    }

    static String text(Map<String, Object> object, String key, String otherwise) {
        return object.get(key) == null ? otherwise : String.valueOf(object.get(key));
    }
}
