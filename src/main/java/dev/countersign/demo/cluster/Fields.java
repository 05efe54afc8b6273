package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Sets of field paths, the currency of server-side apply. Maps are granular and lists are atomic, as in Istio's CRDs;
/// the built-in kinds, whose lists merge by key on a real server, are treated alike here.
final class Fields {
    private static final Comparator<List<String>> ORDER = (a, b) -> {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int step = a.get(i).compareTo(b.get(i));
            if (step != 0) {
                return step;
            }
        }
        return Integer.compare(a.size(), b.size());
    };
    private static final Set<String> SERVER_OWNED = Set.of(
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "generation",
            "managedFields",
            "resourceVersion",
            "deletionTimestamp",
            "generateName");

    /// The one map in Istio's kinds whose keys are free and whose values are objects: each of its keys is owned beside
    /// what lies below it.
    private static final List<String> KEYED = List.of("spec", "portLevelMtls");

    private Fields() {}

    /// What turned `before` into `after`.
    record Difference(Set<List<String>> changed, Set<List<String>> removed) {
        boolean isEmpty() {
            return changed.isEmpty() && removed.isEmpty();
        }
    }

    static Set<List<String>> none() {
        return new TreeSet<>(ORDER);
    }

    /// What an applied configuration claims: its leaves.
    static Set<List<String>> claimedBy(Map<String, Object> applied) {
        var claimed = none();
        leaves(List.of(), applied, claimed);
        return claimed;
    }

    static Difference between(Map<String, Object> before, Map<String, Object> after) {
        var difference = new Difference(none(), none());
        compare(List.of(), before, after, difference);
        return difference;
    }

    /// The `fieldsV1` of managedFields: `.` marks a map that is itself owned beside its fields.
    static Map<String, Object> toFieldsV1(Set<List<String>> paths) {
        var root = new TreeMap<String, Object>();
        for (var path : paths) {
            Map<String, Object> here = root;
            for (var step : path) {
                here = Tree.map(here.computeIfAbsent("f:" + step, key -> new TreeMap<String, Object>()));
            }
            here.put(".", Map.of());
        }
        return withoutLonelyDots(root);
    }

    static Set<List<String>> fromFieldsV1(Map<String, Object> fieldsV1) {
        var paths = none();
        collect(List.of(), fieldsV1, paths);
        return paths;
    }

    static String text(List<String> path) {
        return "." + String.join(".", path);
    }

    private static void leaves(List<String> at, Map<String, Object> map, Set<List<String>> into) {
        map.forEach((key, value) -> {
            var path = step(at, key);
            if (isServerOwned(path)) {
                return;
            }
            if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
                if (at.equals(KEYED)) {
                    into.add(path);
                }
                leaves(path, Tree.map(inner), into);
            } else if (!path.equals(List.of("metadata"))) {
                into.add(path);
            }
        });
    }

    private static void compare(
            List<String> at, @Nullable Object before, @Nullable Object after, Difference difference) {
        if (isServerOwned(at)) {
            return;
        }
        if (before instanceof Map<?, ?> was && after instanceof Map<?, ?> is) {
            var keys = new TreeSet<String>(Tree.map(was).keySet());
            keys.addAll(Tree.map(is).keySet());
            for (var key : keys) {
                compare(step(at, key), was.get(key), is.get(key), difference);
            }
        } else if (!Objects.equals(before, after)) {
            if (after == null) {
                whole(at, before, difference.removed());
            } else {
                if (before instanceof Map<?, ?>) {
                    whole(at, before, difference.removed());
                    difference.removed().remove(at);
                }
                whole(at, after, difference.changed());
            }
        }
    }

    private static void whole(List<String> at, @Nullable Object value, Set<List<String>> into) {
        if (isServerOwned(at)) {
            return;
        }
        if (!at.equals(List.of("metadata"))) {
            into.add(at);
        }
        if (value instanceof Map<?, ?> map) {
            Tree.map(map).forEach((key, inner) -> whole(step(at, key), inner, into));
        }
    }

    private static boolean isServerOwned(List<String> path) {
        return switch (path.size()) {
            case 1 -> path.getFirst().equals("apiVersion") || path.getFirst().equals("kind");
            case 2 -> path.getFirst().equals("metadata") && SERVER_OWNED.contains(path.getLast());
            default -> false;
        };
    }

    private static void collect(List<String> at, Map<String, Object> fields, Set<List<String>> into) {
        var isLeaf = true;
        for (var entry : fields.entrySet()) {
            if (entry.getKey().startsWith("f:")) {
                isLeaf = false;
                collect(step(at, entry.getKey().substring(2)), Tree.map(entry.getValue()), into);
            }
        }
        if (!at.isEmpty() && (isLeaf || fields.containsKey("."))) {
            into.add(at);
        }
    }

    private static Map<String, Object> withoutLonelyDots(Map<String, Object> fields) {
        var slim = new TreeMap<String, Object>();
        fields.forEach((key, value) -> {
            if (!key.equals(".") || fields.size() > 1) {
                slim.put(key, withoutLonelyDots(Tree.map(value)));
            }
        });
        return slim;
    }

    private static List<String> step(List<String> at, String key) {
        var path = new ArrayList<String>(at.size() + 1);
        path.addAll(at);
        path.add(key);
        return path;
    }
}
