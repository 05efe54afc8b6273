package dev.countersign.policy.check;

import dev.countersign.policy.yaml.YamlPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A place in an object, seen as istiod sees it after decoding: JSON null is absent, a missing text is empty, a missing
/// number zero, and a field may be written by its JSON name or its proto name (`jwksUri`, `jwks_uri`).
record Node(String path, @Nullable Object value) {
    static Node of(Map<String, Object> tree) {
        return new Node("", tree);
    }

    boolean isPresent() {
        return value != null;
    }

    Node get(String key) {
        String child = YamlPath.key(path, key);
        if (!(value instanceof Map<?, ?> map)) {
            return new Node(child, null);
        }
        Object found = map.get(key);
        return found != null ? new Node(child, found) : new Node(child, map.get(protoName(key)));
    }

    List<Node> items() {
        List<Node> items = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                items.add(new Node(YamlPath.item(path, i), list.get(i)));
            }
        }
        return items;
    }

    /// The values of a map with their keys, in order.
    List<Map.Entry<String, Node>> entries() {
        List<Map.Entry<String, Node>> entries = new ArrayList<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> entries.add(
                    Map.entry(String.valueOf(key), new Node(YamlPath.key(path, String.valueOf(key)), inner))));
        }
        return entries;
    }

    int size() {
        return switch (value) {
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case null, default -> 0;
        };
    }

    String text() {
        return value instanceof String text ? text : "";
    }

    List<String> texts() {
        return items().stream().map(Node::text).toList();
    }

    boolean isTrue() {
        return Boolean.TRUE.equals(value);
    }

    double number() {
        return switch (value) {
            case Number number -> number.doubleValue();
            case String text when text.matches("-?[0-9]{1,18}") -> Long.parseLong(text);
            case null, default -> 0;
        };
    }

    static String protoName(String key) {
        StringBuilder name = new StringBuilder();
        for (char c : key.toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('_').append(Character.toLowerCase(c));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }
}
