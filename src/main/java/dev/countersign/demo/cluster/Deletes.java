package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.ObjectStore.Stored;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Deletion, with preconditions. What has finalizers is only marked, and goes with the last of them (`Writes`); grace
/// periods are not served. A namespace is gone at once and takes its content along, whatever its finalizers.
final class Deletes {
    private final ObjectStore store;
    private final Clock clock;

    Deletes(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    Writes.Done delete(ApiCall call, Target target) {
        if (!target.subresource().isEmpty()) {
            throw Refused.notSupported(target.kind(), "delete");
        }
        var options = options(call);
        return store.exclusively(() -> {
            var live = store.find(target.kind(), target.shelfNamespace(), target.name())
                    .orElseThrow(() -> Refused.notFound(target.kind(), target.name()));
            checkPreconditions(target, live, Tree.mapAt(options, "preconditions"));
            var dryRun = isDryRun(call, options);
            var last = dryRun ? marked(live) : remove(live);
            return new Writes.Done(
                    200,
                    target.kind() == ApiKinds.NAMESPACE ? terminating(live) : last.orElseGet(() -> success(live)),
                    List.of(),
                    !dryRun);
        });
    }

    Writes.Done deleteAll(ApiCall call, Target target) {
        var options = options(call);
        var chosen = Selectors.of(call.param("labelSelector"), call.param("fieldSelector"));
        return store.exclusively(() -> {
            var doomed = store.list(target.kind(), target.shelfNamespace()).objects().stream()
                    .filter(object -> chosen.test(object.tree()))
                    .toList();
            var dryRun = isDryRun(call, options);
            if (!dryRun) {
                doomed.forEach(this::remove);
            }
            var list = Tree.of(
                    "kind",
                    target.kind().kind() + "List",
                    "apiVersion",
                    target.apiVersion(),
                    "metadata",
                    Tree.of("resourceVersion", Long.toString(store.revision())),
                    "items",
                    doomed.stream().map(Stored::tree).toList());
            return new Writes.Done(200, list, List.of(), !dryRun && !doomed.isEmpty());
        });
    }

    /// The object as it stays behind, if it does.
    private Optional<Map<String, Object>> remove(Stored object) {
        var marked = marked(object);
        if (marked.isPresent()) {
            return marked.get().equals(object.tree())
                    ? marked
                    : Optional.of(store.put(object.kind(), object.namespace(), object.name(), marked.get())
                            .tree());
        }
        if (object.kind() == ApiKinds.NAMESPACE) {
            for (var kind : ApiKinds.ALL) {
                if (kind.namespaced()) {
                    store.list(kind, object.name()).objects().forEach(store::remove);
                }
            }
        }
        store.remove(object);
        return Optional.empty();
    }

    /// How it waits for its finalizers; empty where it has none.
    private Optional<Map<String, Object>> marked(Stored object) {
        if (object.kind() == ApiKinds.NAMESPACE
                || Tree.list(Tree.at(object.tree(), "metadata", "finalizers").orElse(null))
                        .isEmpty()) {
            return Optional.empty();
        }
        var marked = Tree.copy(object.tree());
        var metadata = Tree.child(marked, "metadata");
        if (!metadata.containsKey("deletionTimestamp")) {
            metadata.put("deletionTimestamp", Admission.now(clock));
            metadata.put("deletionGracePeriodSeconds", 0L);
            metadata.computeIfPresent("generation", (key, generation) -> ((Number) generation).longValue() + 1);
        }
        return Optional.of(marked);
    }

    private static Map<String, Object> options(ApiCall call) {
        Map<String, Object> options = call.body().length == 0 ? Map.of() : Wire.object(call.body(), call.mediaType());
        var propagation = Tree.text(options, "propagationPolicy").orElse(call.param("propagationPolicy"));
        if (!Set.of("", "Foreground", "Background", "Orphan").contains(propagation)) {
            throw WriteOptions.refused(
                    "DeleteOptions",
                    "propagationPolicy",
                    "FieldValueNotSupported",
                    "Unsupported value: \"%s\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
                            .formatted(propagation));
        }
        return options;
    }

    private static boolean isDryRun(ApiCall call, Map<String, Object> options) {
        return Objects.equals(call.query().get("dryRun"), "All")
                || Tree.list(options.get("dryRun")).contains("All");
    }

    private static void checkPreconditions(Target target, Stored live, Map<String, Object> preconditions) {
        Tree.text(preconditions, "uid").filter(uid -> !uid.equals(live.uid())).ifPresent(uid -> {
            throw Refused.unmet(
                    target.kind(),
                    target.name(),
                    ("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been"
                                    + " deleted and then recreated")
                            .formatted(uid, live.uid()));
        });
        Tree.text(preconditions, "resourceVersion")
                .filter(version -> !version.equals(Long.toString(live.revision())))
                .ifPresent(version -> {
                    throw Refused.unmet(
                            target.kind(),
                            target.name(),
                            ("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in"
                                            + " record (%d). The object might have been modified")
                                    .formatted(version, live.revision()));
                });
    }

    private static Map<String, Object> success(Stored live) {
        return Tree.of(
                "kind",
                "Status",
                "apiVersion",
                "v1",
                "metadata",
                Map.of(),
                "status",
                "Success",
                "details",
                Tree.of(
                        "name",
                        live.name(),
                        "group",
                        live.kind().group(),
                        "kind",
                        live.kind().plural(),
                        "uid",
                        live.uid()));
    }

    private Map<String, Object> terminating(Stored namespace) {
        var tree = Tree.copy(namespace.tree());
        Tree.child(tree, "metadata").put("deletionTimestamp", Admission.now(clock));
        Tree.child(tree, "status").put("phase", "Terminating");
        return tree;
    }
}
