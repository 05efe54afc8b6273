package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.ApiKind.Trait;
import dev.countersign.demo.cluster.ObjectStore.Stored;
import dev.countersign.demo.cluster.SchemaCheck.Invalid;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// Create, update, patch, apply. Each runs whole under the store's lock: what it read is what it changes. A write that
/// changes nothing stores nothing and keeps the resourceVersion. A dry run goes the whole way except for the storing.
final class Writes {
    /// @param tree the object as it is now, or would be
    /// @param warnings texts for the `Warning` header
    record Done(int status, Map<String, Object> tree, List<String> warnings, boolean stored) {}

    private final ObjectStore store;
    private final Admission admission;
    private final Clock clock;

    Writes(ObjectStore store, Admission admission, Clock clock) {
        this.store = store;
        this.admission = admission;
        this.clock = clock;
    }

    Done create(ApiCall call, Target target, UnaryOperator<Map<String, Object>> mutation) {
        WriteOptions.check(call, "CreateOptions");
        var object = decoded(call, target);
        var warnings = judgeUnknown(call, target, object);
        return store.exclusively(() -> {
            var metadata = Tree.child(object, "metadata");
            if (!Tree.text(metadata, "resourceVersion").orElse("").isEmpty()) {
                throw Refused.unclassified("resourceVersion should not be set on objects to be created");
            }
            if (Tree.text(metadata, "name").orElse("").isEmpty()) {
                Tree.text(metadata, "generateName").ifPresent(prefix -> metadata.put("name", prefix + suffix()));
            }
            admission.checkNamespace(target);
            var name = Tree.text(metadata, "name").orElse("");
            if (!name.isEmpty()
                    && store.find(target.kind(), target.shelfNamespace(), name).isPresent()) {
                throw Refused.alreadyExists(target.kind(), name);
            }
            metadata.remove("managedFields");
            dropStatus(target, object);
            var owners = new FieldOwners();
            owners.update(call.fieldManager(), "", target.apiVersion(), now(), Fields.between(Map.of(), object));
            owners.writeTo(object);
            var made = begin(target, mutation.apply(object));
            return new Done(201, keep(call, target, made), warnings, !isDryRun(call));
        });
    }

    Done update(ApiCall call, Target target, UnaryOperator<Map<String, Object>> mutation) {
        WriteOptions.check(call, "UpdateOptions");
        if (target.name().isEmpty()) {
            throw Refused.badRequest("name must be provided");
        }
        var object = decoded(call, target);
        checkName(target, object);
        var warnings = judgeUnknown(call, target, object);
        return store.exclusively(() -> {
            var live = live(target);
            var version = Tree.text(object, "metadata", "resourceVersion").orElse("");
            if (version.isEmpty() && target.kind().is(Trait.CUSTOM)) {
                throw unversioned(target);
            }
            return new Done(200, replace(call, target, live, object, mutation), warnings, !isDryRun(call));
        });
    }

    /// Merge patch, strategic merge patch (as a merge patch) and JSON patch.
    Done patch(ApiCall call, Target target, UnaryOperator<Map<String, Object>> mutation) {
        if (call.query().containsKey("force")) {
            throw Refused.invalid(
                    "meta.k8s.io",
                    "PatchOptions",
                    "",
                    List.of(new Invalid(
                            "force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch")));
        }
        WriteOptions.check(call, "PatchOptions");
        var patch = Wire.read(call.body(), call.mediaType());
        return store.exclusively(() -> {
            var live = live(target);
            var next = patch instanceof List<?> operations
                    ? Patches.json(live.tree(), Tree.list(operations))
                    : Patches.merge(live.tree(), Tree.map(patch));
            Metadata.checkTypes(target.kind(), next);
            checkName(target, next);
            dropNulls(target, next);
            checkUid(target, live, next);
            var warnings = judgeUnknown(call, target, next);
            return new Done(200, replace(call, target, live, next, mutation), warnings, !isDryRun(call));
        });
    }

    /// `authorizeCreate` throws where the user may patch but not create.
    Done apply(ApiCall call, Target target, Runnable authorizeCreate, UnaryOperator<Map<String, Object>> mutation) {
        if (call.param("fieldManager").isEmpty()) {
            throw Refused.invalid(
                    "meta.k8s.io",
                    "PatchOptions",
                    "",
                    List.of(new Invalid(
                            "fieldManager", "FieldValueRequired", "Required value: is required for apply patch")));
        }
        WriteOptions.check(call, "PatchOptions");
        var applied = Wire.object(call.body(), "application/yaml");
        checkType(target, applied);
        checkTyped(target, applied);
        if (Tree.text(applied, "metadata", "name").orElse("").isEmpty()) {
            throw Refused.badRequest("the name of the object (%s based on URL) was undeterminable: name must be provided"
                    .formatted(target.name()));
        }
        checkName(target, applied);
        if (!Tree.list(Tree.at(applied, "metadata", "managedFields").orElse(null))
                .isEmpty()) {
            throw Refused.badRequest("metadata.managedFields must be nil");
        }
        Tree.child(applied, "metadata").values().removeIf(Objects::isNull);
        var by = new ServerSideApply.Applier(
                call.param("fieldManager"),
                target.subresource(),
                target.apiVersion(),
                now(),
                call.param("force").equals("true"));
        return store.exclusively(() -> {
            var known = store.find(target.kind(), target.shelfNamespace(), target.name());
            var wanted = applied.remove("status");
            if (!target.subresource().isEmpty()) {
                applied.keySet().retainAll(Set.of("apiVersion", "kind", "metadata"));
                if (wanted != null) {
                    applied.put("status", wanted);
                }
            }
            if (known.isPresent()) {
                var bare = Tree.copy(applied);
                Tree.child(bare, "metadata").remove("resourceVersion");
                // Who owns what comes before which version it is.
                var merged = ServerSideApply.apply(known.get().tree(), bare, by);
                if ("0".equals(Tree.text(applied, "metadata", "resourceVersion").orElse(""))) {
                    throw unversioned(target);
                }
                checkVersion(target, known.get(), applied);
                checkUid(target, known.get(), applied);
                return new Done(
                        200, finish(call, target, known.get(), mutation.apply(merged)), List.of(), !isDryRun(call));
            }
            if (!target.subresource().isEmpty()) {
                throw Refused.notFound(target.kind(), target.name());
            }
            authorizeCreate.run();
            admission.checkNamespace(target);
            // A version alone does not demand that there is an object: only the uid does.
            Tree.child(applied, "metadata").remove("resourceVersion");
            if (Tree.at(applied, "metadata", "uid").isPresent()) {
                throw Refused.conflict(
                        target.kind(),
                        target.name(),
                        "uid mismatch: the provided object specified uid %s, and no existing object was found"
                                .formatted(Tree.text(applied, "metadata", "uid").orElse("")));
            }
            var fresh = ServerSideApply.apply(
                    Tree.of(
                            "apiVersion",
                            target.apiVersion(),
                            "kind",
                            target.kind().kind()),
                    applied,
                    by);
            return new Done(201, keep(call, target, begin(target, mutation.apply(fresh))), List.of(), !isDryRun(call));
        });
    }

    private Map<String, Object> replace(
            ApiCall call,
            Target target,
            Stored live,
            Map<String, Object> next,
            UnaryOperator<Map<String, Object>> mutation) {
        checkVersion(target, live, next);
        checkStoredUid(target, live, next);
        if (target.subresource().isEmpty()) {
            if (target.kind().is(Trait.STATUS)) {
                Tree.at(live.tree(), "status").ifPresentOrElse(s -> next.put("status", s), () -> next.remove("status"));
            }
        } else {
            var status = next.get("status");
            var metadata = next.get("metadata");
            next.clear();
            next.putAll(Tree.copy(live.tree()));
            if (metadata != null) {
                Tree.child(next, "metadata")
                        .put("resourceVersion", Tree.map(metadata).get("resourceVersion"));
            }
            if (status != null) {
                next.put("status", status);
            } else {
                next.remove("status");
            }
        }
        Admission.goOn(target.kind(), live.tree(), next);
        var reset = Tree.at(next, "metadata", "managedFields")
                .filter(fields -> List.of(Map.of()).equals(fields))
                .isPresent();
        var owners = reset ? new FieldOwners() : target.subresource().isEmpty() ? said(live, next) : FieldOwners.of(live.tree());
        if (!owners.isEmpty()) {
            owners.update(
                    call.fieldManager(),
                    target.subresource(),
                    target.apiVersion(),
                    now(),
                    Fields.between(live.tree(), next));
        }
        owners.writeTo(next);
        return finish(call, target, live, mutation.apply(next));
    }

    /// Who owns what as the client says it; where it says nothing that can be read, it stays as it was.
    private static FieldOwners said(Stored live, Map<String, Object> next) {
        var entries = Tree.list(Tree.at(next, "metadata", "managedFields").orElse(null));
        return !entries.isEmpty() && entries.stream().allMatch(FieldOwners::isReadable) ? FieldOwners.of(next) : FieldOwners.of(live.tree());
    }

    /// An object that goes on: stored only where something changed.
    private Map<String, Object> finish(ApiCall call, Target target, Stored live, Map<String, Object> next) {
        Admission.goOn(target.kind(), live.tree(), next);
        Tree.child(next, "metadata").put("resourceVersion", Long.toString(live.revision()));
        next.put("apiVersion", target.kind().apiVersion());
        next.put("kind", target.kind().kind());
        admission.check(target, next);
        if (Tree.at(next, "metadata", "deletionTimestamp").isPresent()) {
            checkFinalizers(target, live.tree(), next);
            if (finalizers(next).isEmpty()) {
                if (!isDryRun(call)) {
                    store.remove(live);
                }
                return next;
            }
        }
        return next.equals(live.tree()) ? live.tree() : keep(call, target, next);
    }

    private static void checkFinalizers(Target target, Map<String, Object> live, Map<String, Object> next) {
        var fresh = new ArrayList<>(finalizers(next));
        fresh.removeAll(finalizers(live));
        if (!fresh.isEmpty()) {
            throw Refused.invalid(
                    target.kind(),
                    target.name(),
                    List.of(new Invalid(
                            "metadata.finalizers",
                            "FieldValueForbidden",
                            "Forbidden: no new finalizers can be added if the object is being deleted, found new"
                                    + " finalizers []string{%s}"
                                            .formatted(fresh.stream()
                                                    .map(name -> "\"" + name + "\"")
                                                    .collect(Collectors.joining(", "))))));
        }
    }

    private static List<Object> finalizers(Map<String, Object> object) {
        return Tree.list(Tree.at(object, "metadata", "finalizers").orElse(null));
    }

    private Map<String, Object> keep(ApiCall call, Target target, Map<String, Object> next) {
        if (isDryRun(call)) {
            return next;
        }
        var name = Tree.text(next, "metadata", "name").orElse("");
        var stored =
                store.put(target.kind(), target.shelfNamespace(), name, next).tree();
        if (target.kind() == ApiKinds.NAMESPACE
                && Tree.at(next, "metadata", "deletionTimestamp").isEmpty()
                && store.find(ApiKinds.SERVICE_ACCOUNT, name, "default").isEmpty()) {
            var account = Tree.of(
                    "apiVersion",
                    "v1",
                    "kind",
                    "ServiceAccount",
                    "metadata",
                    Tree.of("name", "default", "namespace", name));
            Admission.begin(ApiKinds.SERVICE_ACCOUNT, account, clock);
            store.put(ApiKinds.SERVICE_ACCOUNT, name, "default", account);
        }
        return stored;
    }

    private Map<String, Object> begin(Target target, Map<String, Object> object) {
        object.put("apiVersion", target.kind().apiVersion());
        object.put("kind", target.kind().kind());
        if (target.kind().namespaced()) {
            Tree.child(object, "metadata").put("namespace", target.namespace());
        }
        Admission.begin(target.kind(), object, clock);
        admission.check(target, object);
        return object;
    }

    private Stored live(Target target) {
        return store.find(target.kind(), target.shelfNamespace(), target.name())
                .orElseThrow(() -> Refused.notFound(target.kind(), target.name()));
    }

    private static Map<String, Object> decoded(ApiCall call, Target target) {
        var object = Wire.object(call.body(), call.mediaType());
        checkIdentity(target, object);
        Metadata.checkTypes(target.kind(), object);
        dropNulls(target, object);
        return object;
    }

    /// Unknown fields: refused when the client asked for strictness, else taken away, with a warning if it wants one.
    private List<String> judgeUnknown(ApiCall call, Target target, Map<String, Object> object) {
        var unknown = admission.unknownFields(target.kind(), object);
        var texts =
                unknown.stream().map(path -> "unknown field \"" + path + "\"").toList();
        switch (call.param("fieldValidation")) {
            case "Strict" -> {
                if (!unknown.isEmpty()) {
                    throw Refused.badRequest("%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s"
                            .formatted(
                                    target.kind().kind(),
                                    target.version(),
                                    target.kind().kind(),
                                    String.join(", ", texts)));
                }
                return List.of();
            }
            case "Ignore" -> {
                Admission.prune(object, unknown);
                return List.of();
            }
            default -> {
                Admission.prune(object, unknown);
                return texts;
            }
        }
    }

    /// Apply merges by schema: what the schema does not know or has in another type ends as an error of the server
    /// itself.
    private void checkTyped(Target target, Map<String, Object> applied) {
        var errors = new ArrayList<String>();
        admission
                .wrongTypes(target.kind(), applied)
                .forEach(problem -> errors.add(".%s: expected %s, got &value.valueUnstructured{Value:%s}"
                        .formatted(
                                problem.field(),
                                problem.message()
                                        .replaceFirst("^.* must be of type (\\w+): .*$", "$1")
                                        .replace("array", "list")
                                        .replace("object", "map"),
                                FieldPath.of(problem.field())
                                        .in(applied)
                                        .map(String::valueOf)
                                        .orElse(""))));
        Metadata.labelsNotText(applied)
                .forEach((path, value) -> errors.add(
                        ".%s: expected string, got &value.valueUnstructured{Value:%s}".formatted(path, value)));
        admission
                .unknownFields(target.kind(), applied)
                .forEach(path -> errors.add(".%s: field not declared in schema".formatted(path)));
        if (!errors.isEmpty()) {
            throw Refused.unclassified("failed to create typed patch object (%s/%s; %s, Kind=%s): %s"
                    .formatted(
                            Tree.text(applied, "metadata", "namespace").orElse(""),
                            Tree.text(applied, "metadata", "name").orElse(""),
                            target.apiVersion(),
                            target.kind().kind(),
                            errors(errors)));
        }
    }

    /// A null is no value of a field: on every way but server-side apply it is dropped.
    private static void dropNulls(Target target, Map<String, Object> object) {
        if (target.kind().is(Trait.CUSTOM)) {
            Tree.dropNulls(object);
        }
    }

    private static Refused unversioned(Target target) {
        return Refused.invalid(
                target.kind().group(),
                target.kind().plural(),
                target.name(),
                List.of(new Invalid(
                        "metadata.resourceVersion",
                        "FieldValueInvalid",
                        "Invalid value: 0: must be specified for an update")));
    }

    private static void checkType(Target target, Map<String, Object> object) {
        var apiVersion = Tree.text(object, "apiVersion").orElse("");
        var kind = Tree.text(object, "kind").orElse("");
        if (!apiVersion.equals(target.apiVersion()) || !kind.equals(target.kind().kind())) {
            throw Refused.badRequest(
                    "invalid object type: %s, Kind=%s".formatted(apiVersion.isEmpty() ? "/" : apiVersion, kind));
        }
    }

    private static void checkIdentity(Target target, Map<String, Object> object) {
        var apiVersion = Tree.text(object, "apiVersion").orElse("");
        var kind = Tree.text(object, "kind").orElse("");
        if (kind.isEmpty()) {
            throw Refused.badRequest("Object 'Kind' is missing in the request body");
        }
        if (apiVersion.isEmpty()) {
            throw Refused.badRequest("Object 'apiVersion' is missing in the request body");
        }
        if (!apiVersion.equals(target.apiVersion())
                || !kind.equals(target.kind().kind())) {
            throw Refused.badRequest(
                    "the API version in the data (%s, Kind=%s) does not match the expected API version (%s, Kind=%s)"
                            .formatted(
                                    apiVersion,
                                    kind,
                                    target.apiVersion(),
                                    target.kind().kind()));
        }
        checkName(target, object);
    }

    private static void checkName(Target target, Map<String, Object> object) {
        var name = Tree.text(object, "metadata", "name").orElse("");
        if (!target.name().isEmpty() && !name.isEmpty() && !name.equals(target.name())) {
            throw Refused.badRequest("the name of the object (%s) does not match the name on the URL (%s)"
                    .formatted(name, target.name()));
        }
        var namespace = Tree.text(object, "metadata", "namespace").orElse("");
        if (target.kind().namespaced() && !namespace.isEmpty() && !namespace.equals(target.namespace())) {
            throw Refused.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static void checkVersion(Target target, Stored live, Map<String, Object> sent) {
        var version = Tree.text(sent, "metadata", "resourceVersion").orElse("");
        if (!version.isEmpty() && !version.equals("0") && !version.equals(Long.toString(live.revision()))) {
            throw Refused.stale(target.kind(), target.name());
        }
    }

    /// A patch is made of the live object: another uid in it is a change of what cannot change.
    private static void checkUid(Target target, Stored live, Map<String, Object> sent) {
        var uid = Tree.text(sent, "metadata", "uid").orElse("");
        if (!uid.isEmpty() && !uid.equals(live.uid())) {
            throw Refused.invalid(
                    target.kind(),
                    target.name(),
                    List.of(new Invalid(
                            "metadata.uid",
                            "FieldValueInvalid",
                            "Invalid value: \"%s\": field is immutable".formatted(uid))));
        }
    }

    private static void checkStoredUid(Target target, Stored live, Map<String, Object> sent) {
        var uid = Tree.text(sent, "metadata", "uid").orElse("");
        if (!uid.isEmpty() && !uid.equals(live.uid())) {
            throw Refused.conflict(
                    target.kind(),
                    target.name(),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s".formatted(uid, live.uid()));
        }
    }

    private static void dropStatus(Target target, Map<String, Object> object) {
        if (target.kind().is(Trait.STATUS)) {
            object.remove("status");
        }
    }

    private static String errors(List<String> errors) {
        return errors.size() == 1
                ? errors.getFirst()
                : errors.stream().map(e -> "\n  " + e).collect(Collectors.joining("", "errors:", ""));
    }

    private static boolean isDryRun(ApiCall call) {
        return Objects.equals(call.query().get("dryRun"), "All");
    }

    private String now() {
        return Admission.now(clock);
    }

    private static String suffix() {
        return Integer.toString(new java.util.Random().nextInt(36 * 36 * 36 * 36, 36 * 36 * 36 * 36 * 36), 36);
    }
}
