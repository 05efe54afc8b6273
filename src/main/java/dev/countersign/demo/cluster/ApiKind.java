package dev.countersign.demo.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One kind of object that the server holds. Every version is the same object under another `apiVersion`; the first is
/// the one it is stored and preferred in.
record ApiKind(
        String group,
        List<String> versions,
        String kind,
        String plural,
        List<String> shortNames,
        boolean namespaced,
        Set<Trait> traits,
        List<Column> columns) {

    enum Trait {
        /// Comes from one of Istio's CRDs: has a schema and a webhook, and no unconditional update.
        CUSTOM,
        /// `status` is written through the subresource only.
        STATUS,
        /// `metadata.generation` counts the changes of everything but metadata and status.
        GENERATION,
        READ_ONLY
    }

    /// A column of the server-side table; the last, Age, is there for every kind.
    record Column(String name, String type, Function<Map<String, Object>, @Nullable Object> cell) {}

    String groupResource() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    String singular() {
        return kind.toLowerCase(java.util.Locale.ROOT);
    }

    String apiVersion() {
        return apiVersion(versions.getFirst());
    }

    String apiVersion(String version) {
        return group.isEmpty() ? version : group + "/" + version;
    }

    boolean is(Trait trait) {
        return traits.contains(trait);
    }

    List<String> verbs() {
        return is(Trait.READ_ONLY)
                ? List.of("get", "list", "watch")
                : List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    }
}
