package dev.countersign.demo.cluster;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// What an object must pass before it is stored, in the order of a real server: unknown fields, the namespace, metadata
/// and schema, the webhook.
final class Admission {
    static final String WEBHOOK = "validation.istio.io";

    private final ObjectStore store;
    private final SchemaCheck schema;
    private volatile AdmissionCheck webhook;

    Admission(ObjectStore store, SchemaCheck schema, AdmissionCheck webhook) {
        this.store = store;
        this.schema = schema;
        this.webhook = webhook;
    }

    void webhook(AdmissionCheck webhook) {
        this.webhook = webhook;
    }

    /// The paths no schema declares, for a request that names fields of its own.
    Set<String> unknownFields(ApiKind kind, Map<String, Object> object) {
        var unknown = new TreeSet<>(Metadata.unknownFields(object));
        if (kind.is(ApiKind.Trait.CUSTOM)) {
            unknown.addAll(schema.check(kind.kind(), object).unknownFields());
        }
        return unknown;
    }

    /// Values of another type than the schema has, which server-side apply cannot even merge; null is of every type.
    List<SchemaCheck.Invalid> wrongTypes(ApiKind kind, Map<String, Object> object) {
        return kind.is(ApiKind.Trait.CUSTOM)
                ? schema.check(kind.kind(), object).invalid().stream()
                        .filter(problem -> problem.reason().equals("FieldValueTypeInvalid"))
                        .filter(problem ->
                                FieldPath.of(problem.field()).in(object).isPresent())
                        .toList()
                : List.of();
    }

    void checkNamespace(Target target) {
        if (!target.kind().namespaced()) {
            return;
        }
        var namespace = store.find(ApiKinds.NAMESPACE, "", target.namespace())
                .orElseThrow(() -> Refused.notFound(ApiKinds.NAMESPACE, target.namespace()));
        if (Tree.at(namespace.tree(), "metadata", "deletionTimestamp").isPresent()) {
            throw Refused.forbidden(
                    target.kind(),
                    target.name(),
                    "unable to create new content in namespace %s because it is being terminated"
                            .formatted(target.namespace()));
        }
    }

    void check(Target target, Map<String, Object> object) {
        var kind = target.kind();
        var name = Tree.text(object, "metadata", "name").orElse("");
        var problems = new ArrayList<>(Metadata.problems(kind, object));
        if (kind.is(ApiKind.Trait.CUSTOM)) {
            problems.addAll(schema.check(kind.kind(), object).invalid());
        }
        if (!problems.isEmpty()) {
            throw Refused.invalid(kind, name, problems);
        }
        if (kind.is(ApiKind.Trait.CUSTOM)) {
            webhook.denies(kind.kind(), object).ifPresent(why -> {
                throw Refused.webhook(WEBHOOK, why);
            });
        }
    }

    /// Removes what the schema does not declare, as a real server prunes it.
    static void prune(Map<String, Object> object, Set<String> unknown) {
        unknown.forEach(path -> FieldPath.of(path).removeFrom(object));
    }

    /// The server's own metadata of an object that is new.
    static void begin(ApiKind kind, Map<String, Object> object, Clock clock) {
        var metadata = Tree.child(object, "metadata");
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", now(clock));
        metadata.remove("deletionTimestamp");
        metadata.remove("deletionGracePeriodSeconds");
        metadata.remove("generation");
        if (kind.is(ApiKind.Trait.GENERATION)) {
            metadata.put("generation", 1L);
        }
        if (kind == ApiKinds.NAMESPACE) {
            Tree.child(metadata, "labels").put("kubernetes.io/metadata.name", String.valueOf(metadata.get("name")));
            Tree.child(object, "spec").putIfAbsent("finalizers", List.of("kubernetes"));
            Tree.child(object, "status").put("phase", "Active");
        }
    }

    /// The server's own metadata of an object that goes on, whatever the client sent in its place.
    static void goOn(ApiKind kind, Map<String, Object> live, Map<String, Object> next) {
        var metadata = Tree.child(next, "metadata");
        for (var own : List.of("uid",
                "creationTimestamp",
                "generation",
                "name",
                "namespace",
                "deletionTimestamp",
                "deletionGracePeriodSeconds")) {
            Tree.at(live, "metadata", own)
                    .ifPresentOrElse(value -> metadata.put(own, value), () -> metadata.remove(own));
        }
        if (kind.is(ApiKind.Trait.GENERATION) && !Objects.equals(substance(live), substance(next))) {
            metadata.put(
                    "generation",
                    ((Number) Tree.at(live, "metadata", "generation").orElse(0L)).longValue() + 1);
        }
    }

    static String now(Clock clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Map<String, Object> substance(Map<String, Object> object) {
        var substance = Tree.of();
        object.forEach((key, value) -> {
            if (!Set.of("metadata", "status", "apiVersion", "kind").contains(key)) {
                substance.put(key, value);
            }
        });
        return substance;
    }
}
