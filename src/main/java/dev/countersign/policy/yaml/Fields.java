package dev.countersign.policy.yaml;

import dev.countersign.policy.model.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The fields of one map of a tree, taken one by one: what has another shape becomes a problem, what nobody took is
/// unknown. A JSON null is an absent field, as Istio reads it.
final class Fields {
    private final Map<?, ?> map;
    private final String path;
    private final Notes notes;
    private final Set<String> taken = new HashSet<>();

    Fields(Map<?, ?> map, String path, Notes notes) {
        this.map = map;
        this.path = path;
        this.notes = notes;
    }

    /// What a decoding noticed so far.
    record Notes(List<Remark> problems, List<Remark> unknown) {
        Notes() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void problem(String path, String message) {
            problems.add(new Remark(path, message));
        }
    }

    String path() {
        return path;
    }

    String path(String key) {
        return YamlPath.key(path, key);
    }

    @Nullable
    Object raw(String key) {
        taken.add(key);
        return map.get(key);
    }

    boolean has(String key) {
        return raw(key) != null;
    }

    /// Takes fields that are of no concern here (a server's own metadata).
    void ignore(String... keys) {
        taken.addAll(List.of(keys));
    }

    void problem(String key, String message) {
        notes.problem(path(key), message);
    }

    /// Reports what was not taken.
    void done() {
        for (Object key : map.keySet()) {
            if (!taken.contains(key)) {
                notes.unknown()
                        .add(new Remark(path(String.valueOf(key)), "unknown field; it is kept and has no effect here"));
            }
        }
    }

    Optional<String> text(String key) {
        return typed(key, String.class, "text");
    }

    Optional<Boolean> truth(String key) {
        return typed(key, Boolean.class, "true or false");
    }

    Optional<Integer> whole(String key) {
        Optional<Number> number = typed(key, Number.class, "a whole number");
        if (number.isPresent() && (number.get().doubleValue() != number.get().intValue())) {
            problem(key, "must be a whole number of 32 bits");
            return Optional.empty();
        }
        return number.map(Number::intValue);
    }

    Optional<Duration> duration(String key) {
        Optional<String> text = text(key);
        Optional<Duration> duration = text.flatMap(GoDuration::parse);
        if (text.isPresent() && duration.isEmpty()) {
            problem(key, "must be a duration such as 10s or 500ms");
        }
        return duration;
    }

    Optional<Fields> object(String key) {
        return typed(key, Map.class, "a map").map(found -> new Fields(found, path(key), notes));
    }

    Map<String, Object> tree(String key) {
        Map<String, Object> tree = new LinkedHashMap<>();
        typed(key, Map.class, "a map")
                .ifPresent(found -> ((Map<?, ?>) found).forEach((k, v) -> tree.put((String) k, v)));
        return tree;
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        List<?> items = list(key);
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof String text) {
                texts.add(text);
            } else {
                notes.problem(YamlPath.item(path(key), i), "must be text; put it in quotes");
            }
        }
        return texts;
    }

    Map<String, String> textMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        typed(key, Map.class, "a map")
                .ifPresent(found -> ((Map<?, ?>) found).forEach((name, value) -> {
                    if (value instanceof String text) {
                        texts.put((String) name, text);
                    } else {
                        notes.problem(YamlPath.key(path(key), (String) name), "must be text; put it in quotes");
                    }
                }));
        return texts;
    }

    /// Every entry that `decode` makes something of; an entry that is no map is a problem.
    <T> List<T> objects(String key, BiFunction<Fields, Notes, Optional<T>> decode) {
        List<T> decoded = new ArrayList<>();
        List<?> items = list(key);
        for (int i = 0; i < items.size(); i++) {
            String at = YamlPath.item(path(key), i);
            if (items.get(i) instanceof Map<?, ?> entry) {
                decode.apply(new Fields(entry, at, notes), notes).ifPresent(decoded::add);
            } else {
                notes.problem(at, "must be a map");
            }
        }
        return decoded;
    }

    <E extends Enum<E>> Optional<E> word(String key, Class<E> type) {
        Optional<String> text = text(key);
        for (E constant : type.getEnumConstants()) {
            if (text.isPresent() && constant.name().equals(text.get())) {
                return Optional.of(constant);
            }
        }
        text.ifPresent(other -> problem(key, "must be one of " + List.of(type.getEnumConstants())));
        return Optional.empty();
    }

    private List<?> list(String key) {
        return typed(key, List.class, "a list").map(found -> (List<?>) found).orElse(List.of());
    }

    private <T> Optional<T> typed(String key, Class<T> type, String called) {
        Object value = raw(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            problem(key, "must be " + called);
            return Optional.empty();
        }
        return Optional.of(type.cast(value));
    }
}
