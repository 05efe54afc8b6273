package dev.countersign.conformance;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Parts of parsed JSON or YAML, absent ones as empty ones.
final class Objects {
    private Objects() {}

    /// A policy that the data calls accepted, so that it can be read.
    static AuthorizationPolicy policy(Map<String, Object> object) {
        return PolicyReader.authorizationPolicy(object).orElseThrow();
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
        Map<String, String> texts = new TreeMap<>();
        map(object, key).forEach((name, value) -> texts.put(name, String.valueOf(value)));
        return texts;
    }

    static String text(Map<String, Object> object, String key, String otherwise) {
        return object.get(key) == null ? otherwise : String.valueOf(object.get(key));
    }
}
