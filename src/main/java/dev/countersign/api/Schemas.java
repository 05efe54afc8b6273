package dev.countersign.api;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// JSON Schemas (2020-12) of the records that go over the wire, read from the records themselves. Every object is closed: an
/// unknown member is wrong, in what is sent and in what is answered.
///
/// - In answers every member is there; an empty `Optional` is null.
/// - In bodies, and in what a room writes itself (`Written`), an `Optional` member may be left out.
final class Schemas {
    private final Map<String, Object> named = new TreeMap<>();
    /// Which record, and read how, has the name: a second one would take its place unseen.
    private final Map<String, String> meanings = new TreeMap<>();

    /// All that were asked for, by name.
    Map<String, Object> named() {
        return named;
    }

    Map<String, Object> answer(Class<?> record) {
        return reference(record, false);
    }

    Map<String, Object> body(Class<?> record) {
        return reference(record, true);
    }

    private Map<String, Object> reference(Class<?> record, boolean optionalMayBeLeftOut) {
        String name = name(record);
        String before = meanings.putIfAbsent(name, record.getName() + optionalMayBeLeftOut);
        if (before != null && !before.equals(record.getName() + optionalMayBeLeftOut)) {
            throw new IllegalStateException("two schemas would be called " + name + ": " + record.getName() + " and " + before);
        }
        if (!named.containsKey(name)) {
            named.put(name, Map.of());
            named.put(name, object(record, optionalMayBeLeftOut));
        }
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private Map<String, Object> object(Class<?> record, boolean optionalMayBeLeftOut) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : record.getRecordComponents()) {
            boolean optional = component.getType() == Optional.class;
            Written written = component.getAnnotation(Written.class);
            properties.put(component.getName(), written != null ? reference(written.value(), true)
                    : schema(component.getGenericType(), optionalMayBeLeftOut));
            if (!optional || !optionalMayBeLeftOut) {
                required.add(component.getName());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }

    private Map<String, Object> schema(Type type, boolean optionalMayBeLeftOut) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                Map<String, Object> inner = schema(of[0], optionalMayBeLeftOut);
                return optionalMayBeLeftOut ? inner : Map.of("anyOf", List.of(inner, Map.of("type", "null")));
            }
            if (generic.getRawType() == List.class) {
                return ordered("type", "array", "items", schema(of[0], optionalMayBeLeftOut));
            }
            if (generic.getRawType() == Map.class) {
                return of[1] == Object.class
                        ? Map.of("type", "object")
                        : ordered("type", "object", "additionalProperties", schema(of[1], optionalMayBeLeftOut));
            }
        }
        if (type instanceof Class<?> plain) {
            if (plain.isRecord()) {
                return reference(plain, optionalMayBeLeftOut);
            }
            if (plain.isEnum()) {
                return ordered("type", "string", "enum", Arrays.stream(plain.getEnumConstants()).map(word -> ((Enum<?>) word).name()).toList());
            }
            if (plain == String.class) {
                return Map.of("type", "string");
            }
            if (plain == boolean.class || plain == Boolean.class) {
                return Map.of("type", "boolean");
            }
            if (plain == int.class || plain == Integer.class) {
                return ordered("type", "integer", "format", "int32");
            }
            if (plain == long.class || plain == Long.class) {
                return ordered("type", "integer", "format", "int64");
            }
            if (plain == Instant.class) {
                return ordered("type", "string", "format", "date-time");
            }
        }
        throw new IllegalStateException("no schema for " + type);
    }

    /// `GrantDocument` is `Grant`, `ClusterBody` stays: what is sent differs from what is answered.
    private static String name(Class<?> record) {
        String name = record.getSimpleName();
        return name.endsWith("Document") ? name.substring(0, name.length() - "Document".length()) : name;
    }

    static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
