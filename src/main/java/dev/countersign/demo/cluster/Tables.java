package dev.countersign.demo.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The server-side tables that `kubectl get` prints.
final class Tables {
    private Tables() {}

    static Map<String, Object> table(
            ApiKind kind,
            List<Map<String, Object>> objects,
            Map<String, Object> listMeta,
            String include,
            Instant now) {
        var columns = new ArrayList<Map<String, Object>>();
        columns.add(definition("Name", "string", "name"));
        kind.columns().forEach(column -> columns.add(definition(column.name(), column.type(), "")));
        columns.add(definition("Age", "string", ""));
        var rows = new ArrayList<Map<String, Object>>();
        for (var object : objects) {
            var cells = new ArrayList<@Nullable Object>();
            cells.add(Tree.text(object, "metadata", "name").orElse(""));
            kind.columns().forEach(column -> cells.add(column.cell().apply(object)));
            cells.add(age(object, now));
            var row = Tree.of("cells", cells);
            switch (include) {
                case "None" -> {}
                case "Object" -> row.put("object", object);
                default -> row.put("object", partial(object));
            }
            rows.add(row);
        }
        return Tree.of(
                "kind",
                "Table",
                "apiVersion",
                "meta.k8s.io/v1",
                "metadata",
                listMeta,
                "columnDefinitions",
                columns,
                "rows",
                rows);
    }

    static Map<String, Object> partial(Map<String, Object> object) {
        return Tree.of(
                "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1", "metadata", object.get("metadata"));
    }

    static @Nullable Object readyContainers(Map<String, Object> pod) {
        var all = Tree.list(Tree.at(pod, "spec", "containers").orElse(null)).size();
        var ready = Tree.list(Tree.at(pod, "status", "containerStatuses").orElse(null)).stream()
                .filter(status -> Boolean.TRUE.equals(Tree.map(status).get("ready")))
                .count();
        return ready + "/" + all;
    }

    static @Nullable Object restarts(Map<String, Object> pod) {
        return Long.toString(
                Tree.list(Tree.at(pod, "status", "containerStatuses").orElse(null)).stream()
                        .mapToLong(
                                status -> Tree.map(status).get("restartCount") instanceof Number n ? n.longValue() : 0)
                        .sum());
    }

    static @Nullable Object readyReplicas(Map<String, Object> workload) {
        return "%s/%s"
                .formatted(
                        Tree.at(workload, "status", "readyReplicas").orElse(0L),
                        Tree.at(workload, "spec", "replicas").orElse(1L));
    }

    static @Nullable Object servicePorts(Map<String, Object> service) {
        return String.join(
                ",",
                Tree.list(Tree.at(service, "spec", "ports").orElse(null)).stream()
                        .map(Tree::map)
                        .map(port -> port.get("port") + "/" + port.getOrDefault("protocol", "TCP"))
                        .toList());
    }

    /// kubectl's short durations: 42s, 5m, 3h, 2d.
    private static String age(Map<String, Object> object, Instant now) {
        return Tree.text(object, "metadata", "creationTimestamp")
                .map(created -> Duration.between(Instant.parse(created), now))
                .map(age -> {
                    if (age.toMinutes() < 2) {
                        return Math.max(0, age.toSeconds()) + "s";
                    }
                    if (age.toHours() < 3) {
                        return age.toMinutes() + "m";
                    }
                    return age.toDays() < 2 ? age.toHours() + "h" : age.toDays() + "d";
                })
                .orElse("<unknown>");
    }

    private static Map<String, Object> definition(String name, String type, String format) {
        return Tree.of("name", name, "type", type, "format", format, "description", name, "priority", 0L);
    }
}
