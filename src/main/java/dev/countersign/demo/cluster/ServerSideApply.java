package dev.countersign.demo.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Server-side apply: merges what a manager applies into the live object, refuses to change what others own unless
/// forced, and removes what the manager applied before and applies no longer.
final class ServerSideApply {
    /// Who applies, in which version, when.
    record Applier(String manager, String subresource, String apiVersion, String now, boolean force) {}

    private ServerSideApply() {}

    /// The object as it will be, with its new `managedFields`; `live` is not changed.
    static Map<String, Object> apply(Map<String, Object> live, Map<String, Object> applied, Applier by) {
        var claimed = Fields.claimedBy(applied);
        var merged = Tree.copy(live);
        merge(merged, applied);
        var owners = FieldOwners.of(live);
        if (owners.isEmpty() && Tree.at(live, "metadata", "uid").isPresent()) {
            owners.update(
                    FieldOwners.BEFORE_FIRST_APPLY,
                    by.subresource(),
                    by.apiVersion(),
                    by.now(),
                    Fields.between(Map.of(), sideOf(live, by.subresource())));
        }
        var changed = Fields.between(live, merged).changed();
        var conflicts = owners.conflicts(by.manager(), by.subresource(), changed);
        if (!conflicts.isEmpty() && !by.force()) {
            throw refused(conflicts);
        }
        var taken = Fields.none();
        conflicts.forEach(conflict -> taken.add(conflict.path()));
        prune(merged, owners, claimed, by);
        var same = Fields.between(live, merged).isEmpty();
        owners.apply(by.manager(), by.subresource(), by.apiVersion(), same ? null : by.now(), claimed, taken);
        owners.writeTo(merged);
        return merged;
    }

    /// The status alone, or all but the status: what a request may touch.
    private static Map<String, Object> sideOf(Map<String, Object> live, String subresource) {
        var side = new LinkedHashMap<>(live);
        if (subresource.isEmpty()) {
            side.remove("status");
        } else {
            side.keySet().retainAll(Set.of(subresource));
        }
        return side;
    }

    private static void merge(Map<String, Object> into, Map<String, Object> applied) {
        applied.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner && into.get(key) instanceof Map<?, ?>) {
                merge(Tree.map(into.get(key)), Tree.map(inner));
            } else if (value instanceof Map<?, ?> inner) {
                var fresh = new LinkedHashMap<String, Object>();
                merge(fresh, Tree.map(inner));
                into.put(key, fresh);
            } else {
                into.put(key, value);
            }
        });
    }

    private static void prune(Map<String, Object> merged, FieldOwners owners, Set<List<String>> claimed, Applier by) {
        for (var path : owners.applied(by.manager(), by.subresource())) {
            if (!claimed.contains(path) && isFree(path, owners, claimed, by)) {
                remove(merged, path);
                // A map that only this manager's fields kept alive goes with the last of them.
                for (var up = path.subList(0, path.size() - 1);
                        up.size() > 0
                                && !up.equals(List.of("metadata"))
                                && isFree(up, owners, claimed, by)
                                && Tree.mapAt(merged, up.toArray(String[]::new)).isEmpty();
                        up = up.subList(0, up.size() - 1)) {
                    remove(merged, up);
                }
            }
        }
    }

    private static boolean isFree(List<String> path, FieldOwners owners, Set<List<String>> claimed, Applier by) {
        return !owners.ownedByAnother(path, by.manager(), by.subresource())
                && claimed.stream()
                        .noneMatch(c -> c.size() >= path.size()
                                && c.subList(0, path.size()).equals(path));
    }

    private static void remove(Map<String, Object> tree, List<String> path) {
        var parent = path.subList(0, path.size() - 1).toArray(String[]::new);
        if (parent.length == 0) {
            tree.remove(path.getLast());
        } else if (Tree.at(tree, parent).orElse(null) instanceof Map<?, ?> map) {
            map.remove(path.getLast());
        }
    }

    private static Refused refused(List<FieldOwners.Conflict> conflicts) {
        List<Map<String, Object>> causes = conflicts.stream()
                .map(c -> Tree.of(
                        "reason",
                        "FieldManagerConflict",
                        "message",
                        "conflict with " + c.owner(),
                        "field",
                        Fields.text(c.path())))
                .toList();
        if (conflicts.size() == 1) {
            var only = conflicts.getFirst();
            return Refused.applyConflict(
                    "Apply failed with 1 conflict: conflict with %s: %s"
                            .formatted(only.owner(), Fields.text(only.path())),
                    causes);
        }
        var byOwner = new TreeMap<String, StringBuilder>();
        conflicts.forEach(
                c -> byOwner.computeIfAbsent(c.owner(), owner -> new StringBuilder("conflicts with " + owner + ":"))
                        .append("\n- ")
                        .append(Fields.text(c.path())));
        return Refused.applyConflict(
                "Apply failed with %d conflicts: %s".formatted(conflicts.size(), String.join("\n", byOwner.values())),
                causes);
    }
}
