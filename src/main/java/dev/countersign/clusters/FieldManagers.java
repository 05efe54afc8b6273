package dev.countersign.clusters;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/// The names under which the portal owns fields in a cluster: `ClusterConnection.FIELD_MANAGER`, and for what is being made one of its
/// own each time.
///
/// What is absent has no state that a write could demand, so a creation that arrives late (its courier slept, the network was slow) would
/// put an old revision over whatever the portal has made since, were both of one name. Under another name it conflicts.
final class FieldManagers {
    private static final String CREATION = ClusterConnection.FIELD_MANAGER + "-creation-";

    private FieldManagers() {}

    static String creation() {
        return CREATION + UUID.randomUUID();
    }

    /// Whether a creation of the portal made this entry of `managedFields`. The portal applies: an update under such a name is another hand's.
    static boolean isCreation(Map<String, Object> entry) {
        return isApply(entry) && entry.get("manager") instanceof String manager && manager.startsWith(CREATION);
    }

    /// Whether the portal applied what this entry owns, under its name or in a creation.
    static boolean isOurs(Map<String, Object> entry) {
        return isCreation(entry) || isApply(entry) && ClusterConnection.FIELD_MANAGER.equals(entry.get("manager"));
    }

    /// Whether both are of the same hand and own the same.
    static boolean isSame(Map<String, Object> one, Map<String, Object> other) {
        return Objects.equals(one.get("manager"), other.get("manager")) && identity(one).equals(identity(other))
                && JsonTree.map(one, "fieldsV1").equals(JsonTree.map(other, "fieldsV1"));
    }

    private static boolean isApply(Map<String, Object> entry) {
        return "Apply".equals(entry.get("operation"));
    }

    /// The name that people know.
    static String known(String manager) {
        return manager.startsWith(CREATION) ? ClusterConnection.FIELD_MANAGER : manager;
    }

    /// These `managedFields` with what creations own in the one entry of the portal's name.
    static List<Map<String, Object>> settled(List<Map<String, Object>> managedFields) {
        List<Map<String, Object>> settled = new ArrayList<>();
        Map<Map<String, Object>, Map<String, Object>> ours = new LinkedHashMap<>();
        for (Map<String, Object> entry : managedFields) {
            if (isOurs(entry)) {
                ours.merge(identity(entry), renamed(entry), FieldManagers::together);
            } else {
                settled.add(entry);
            }
        }
        settled.addAll(ours.values());
        return settled;
    }

    /// Two entries that agree in these are one.
    private static Map<String, Object> identity(Map<String, Object> entry) {
        Map<String, Object> identity = new LinkedHashMap<>(entry);
        identity.keySet().removeAll(List.of("manager", "time", "fieldsType", "fieldsV1"));
        return identity;
    }

    private static Map<String, Object> renamed(Map<String, Object> entry) {
        Map<String, Object> renamed = new LinkedHashMap<>(entry);
        renamed.put("manager", ClusterConnection.FIELD_MANAGER);
        return renamed;
    }

    private static Map<String, Object> together(Map<String, Object> one, Map<String, Object> other) {
        Map<String, Object> both = new LinkedHashMap<>(one);
        both.put("fieldsV1", union(JsonTree.map(one, "fieldsV1"), JsonTree.map(other, "fieldsV1")));
        return both;
    }

    private static Map<String, Object> union(Map<String, Object> one, Map<String, Object> other) {
        Map<String, Object> union = new LinkedHashMap<>(one);
        other.keySet().forEach(field -> union.put(field, union(JsonTree.map(one, field), JsonTree.map(other, field))));
        return union;
    }
}
