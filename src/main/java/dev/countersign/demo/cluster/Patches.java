package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The patches other than apply: JSON merge patch (RFC 7386), JSON patch (RFC 6902), and strategic merge patch treated
/// as a merge patch, which is the same for annotations, labels and scalars but replaces lists instead of merging them.
final class Patches {
    private Patches() {}

    static Map<String, Object> merge(Map<String, Object> live, Map<String, Object> patch) {
        var merged = Tree.copy(live);
        mergeInto(merged, patch);
        return merged;
    }

    private static void mergeInto(Map<String, Object> into, Map<String, Object> patch) {
        patch.forEach((key, value) -> {
            if (key.startsWith("$")) {
                return; // a directive of strategic merge
            }
            if (value == null) {
                into.remove(key);
            } else if (value instanceof Map<?, ?> inner) {
                mergeInto(Tree.child(into, key), Tree.map(inner));
            } else {
                into.put(key, value);
            }
        });
    }

    static Map<String, Object> json(Map<String, Object> live, List<Object> operations) {
        var patched = Tree.copy(live);
        for (var operation : operations) {
            var step = Tree.map(operation);
            var path = pointer(Tree.text(step, "path").orElse(""));
            switch (Tree.text(step, "op").orElse("")) {
                case "add" -> put(patched, path, step.get("value"), true);
                case "replace" -> put(patched, path, step.get("value"), false);
                case "remove" -> remove(patched, path);
                case "move" -> {
                    var from = pointer(Tree.text(step, "from").orElse(""));
                    var moved = get(patched, from);
                    remove(patched, from);
                    put(patched, path, moved, true);
                }
                case "copy" ->
                    put(
                            patched,
                            path,
                            get(patched, pointer(Tree.text(step, "from").orElse(""))),
                            true);
                case "test" -> {
                    if (!Objects.equals(get(patched, path), step.get("value"))) {
                        throw unprocessable("testing value %s failed"
                                .formatted(Tree.text(step, "path").orElse("")));
                    }
                }
                default -> throw Refused.badRequest("json patch: unknown operation " + step.get("op"));
            }
        }
        return patched;
    }

    private static List<String> pointer(String pointer) {
        var steps = new ArrayList<String>();
        for (var step : pointer.split("/", -1)) {
            steps.add(step.replace("~1", "/").replace("~0", "~"));
        }
        return steps.subList(1, steps.size());
    }

    private static @Nullable Object get(Map<String, Object> tree, List<String> path) {
        @Nullable Object here = tree;
        for (var step : path) {
            here = switch (here) {
                case Map<?, ?> map -> map.get(step);
                case List<?> list -> list.get(index(list, step, false));
                case null, default -> throw missing(path);
            };
        }
        return here;
    }

    private static void put(Map<String, Object> tree, List<String> path, @Nullable Object value, boolean insert) {
        if (path.isEmpty()) {
            tree.clear();
            tree.putAll(Tree.map(value));
            return;
        }
        switch (get(tree, path.subList(0, path.size() - 1))) {
            case Map<?, ?> map -> {
                if (!insert && !map.containsKey(path.getLast())) {
                    throw missing(path);
                }
                Tree.map(map).put(path.getLast(), value);
            }
            case List<?> list when insert -> Tree.list(list).add(index(list, path.getLast(), true), value);
            case List<?> list -> Tree.list(list).set(index(list, path.getLast(), false), value);
            case null, default -> throw missing(path);
        }
    }

    private static void remove(Map<String, Object> tree, List<String> path) {
        var parent = get(tree, path.subList(0, path.size() - 1));
        switch (parent) {
            case Map<?, ?> map when map.containsKey(path.getLast()) -> map.remove(path.getLast());
            case List<?> list -> list.remove(index(list, path.getLast(), false));
            case null, default -> throw missing(path);
        }
    }

    private static int index(List<?> list, String step, boolean insert) {
        if (insert && step.equals("-")) {
            return list.size();
        }
        try {
            var index = Integer.parseInt(step);
            if (index >= 0 && index < list.size() + (insert ? 1 : 0)) {
                return index;
            }
        } catch (NumberFormatException e) {
            // Told below, with the same words as an index out of bounds.
        }
        throw unprocessable("invalid index " + step);
    }

    private static Refused missing(List<String> path) {
        return unprocessable("doc is missing path: /" + String.join("/", path));
    }

    private static Refused unprocessable(String why) {
        return Refused.fault(
                422, "Invalid", "the server rejected our request due to an error in our request: " + why, 0);
    }
}
