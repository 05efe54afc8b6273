package dev.countersign.clusters;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// An object as a cluster gave it. `tree` is the whole of it as JSON values (see `policy.model.Tree`).
public record ClusterObject(Map<String, Object> tree) {
    public String namespace() {
        return metadata("namespace");
    }

    public String name() {
        return metadata("name");
    }

    public String uid() {
        return metadata("uid");
    }

    public String resourceVersion() {
        return metadata("resourceVersion");
    }

    /// Rises only when the spec changes; 0 for kinds that do not count.
    public long generation() {
        return JsonTree.map(tree, "metadata").get("generation") instanceof Number number ? number.longValue() : 0;
    }

    public ObjectVersion version() {
        return new ObjectVersion(uid(), resourceVersion());
    }

    /// Who owns fields of the spec, by the names they gave themselves, sorted. The portal has one name, also in what it is just making.
    public List<String> managers() {
        TreeSet<String> managers = new TreeSet<>();
        for (Map<String, Object> entry : managedFields()) {
            if (entry.get("manager") instanceof String manager && JsonTree.map(entry, "fieldsV1").containsKey("f:spec")) {
                managers.add(FieldManagers.isCreation(entry) ? ClusterConnection.FIELD_MANAGER : manager);
            }
        }
        return List.copyOf(managers);
    }

    /// Whether the portal made it and has still to settle who owns its fields (`ClusterConnection.settle`).
    public boolean isUnsettled() {
        return managedFields().stream().anyMatch(FieldManagers::isCreation);
    }

    /// Who else owned fields here and owns fewer or none of them in `later`, a later state of this object, sorted: from whom a write took them.
    public List<String> deprivedIn(ClusterObject later) {
        return managedFields().stream()
                .filter(entry -> !FieldManagers.isOurs(entry) && later.managedFields().stream().noneMatch(kept -> FieldManagers.isSame(entry, kept)))
                .map(entry -> String.valueOf(entry.get("manager")))
                .distinct()
                .sorted()
                .toList();
    }

    List<Map<String, Object>> managedFields() {
        return JsonTree.maps(JsonTree.map(tree, "metadata").get("managedFields"));
    }

    private String metadata(String field) {
        return JsonTree.map(tree, "metadata").get(field) instanceof String text ? text : "";
    }
}
