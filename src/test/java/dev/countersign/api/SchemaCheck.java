package dev.countersign.api;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/// Holds a JSON value against a schema of the served description: the part of JSON Schema 2020-12 that it uses, and a failure
/// for any keyword that it does not know.
final class SchemaCheck {
    private final Map<?, ?> document;
    private final List<String> wrong = new ArrayList<>();

    private SchemaCheck(Map<?, ?> document) {
        this.document = document;
    }

    static List<String> wrong(Map<?, ?> document, Object schema, Object value) {
        SchemaCheck check = new SchemaCheck(document);
        check.check((Map<?, ?>) schema, value, "");
        return check.wrong;
    }

    private void check(Map<?, ?> schema, Object value, String at) {
        for (Map.Entry<?, ?> keyword : schema.entrySet()) {
            Object says = keyword.getValue();
            switch ((String) keyword.getKey()) {
                case "$ref" -> check((Map<?, ?>) resolve((String) says), value, at);
                case "type" -> expect(type((String) says, value), at, "is not of type " + says + ": " + value);
                case "enum" -> expect(((List<?>) says).contains(value), at, value + " is none of " + says);
                case "anyOf" -> expect(((List<?>) says).stream().anyMatch(one -> wrong(document, one, value).isEmpty()), at, "fits none of " + says + ": " + value);
                case "pattern" -> expect(value instanceof String text && Pattern.compile((String) says).matcher(text).find(), at, "does not match " + says);
                case "format" -> format((String) says, value, at);
                case "required" -> ((List<?>) says).forEach(name -> expect(value instanceof Map<?, ?> map && map.containsKey(name), at, "lacks " + name));
                case "properties" -> ((Map<?, ?>) says).forEach((name, inner) -> {
                    if (value instanceof Map<?, ?> map && map.containsKey(name)) {
                        check((Map<?, ?>) inner, map.get(name), at + "/" + name);
                    }
                });
                case "additionalProperties" -> additional(schema, says, value, at);
                case "items" -> {
                    if (value instanceof List<?> list) {
                        for (int i = 0; i < list.size(); i++) {
                            check((Map<?, ?>) says, list.get(i), at + "/" + i);
                        }
                    }
                }
                case "description" -> {}
                default -> throw new IllegalStateException("unknown keyword " + keyword.getKey());
            }
        }
    }

    private void additional(Map<?, ?> schema, Object says, Object value, String at) {
        Map<?, ?> known = schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, inner) -> {
                if (!known.containsKey(name)) {
                    if (says instanceof Map<?, ?> further) {
                        check(further, inner, at + "/" + name);
                    } else {
                        expect(says == Boolean.TRUE, at, "has the unknown member " + name);
                    }
                }
            });
        }
    }

    private void format(String format, Object value, String at) {
        if (format.equals("date-time") && value instanceof String text) {
            try {
                expect(text.endsWith("Z"), at, "is not UTC: " + text);
                OffsetDateTime.parse(text);
            } catch (java.time.DateTimeException e) {
                wrong.add(at + " is no date-time: " + text);
            }
        }
    }

    private Object resolve(String reference) {
        Object at = document;
        for (String part : reference.substring(2).split("/")) {
            at = Objects.requireNonNull(((Map<?, ?>) at).get(part), reference);
        }
        return at;
    }

    private static boolean type(String type, Object value) {
        return switch (type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "null" -> value == null;
            default -> throw new IllegalStateException("unknown type " + type);
        };
    }

    private void expect(boolean holds, String at, String otherwise) {
        if (!holds) {
            wrong.add(at + " " + otherwise);
        }
    }
}
