package dev.countersign.policy.yaml;

import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.yaml.Fields.Notes;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The parts that all kinds share: metadata, and what the object attaches to.
final class MetadataDecoder {
    private static final String DEFAULT_NAMESPACE = "default";

    private MetadataDecoder() {}

    static Optional<ObjectMeta> metadata(Fields object, Notes notes) {
        Optional<Fields> found = object.object("metadata");
        if (found.isEmpty()) {
            notes.problem("metadata", "metadata with a name is missing");
            return Optional.empty();
        }
        Fields metadata = found.get();
        // What a server adds, and what only a server reads.
        metadata.ignore(
                "managedFields",
                "uid",
                "resourceVersion",
                "generation",
                "selfLink",
                "ownerReferences",
                "finalizers",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "generateName");
        String name = metadata.text("name").orElse("");
        if (name.isEmpty()) {
            metadata.problem("name", "a name is missing");
        }
        String namespace =
                metadata.text("namespace").filter(text -> !text.isEmpty()).orElse(DEFAULT_NAMESPACE);
        Map<String, String> labels = metadata.textMap("labels");
        Map<String, String> annotations = metadata.textMap("annotations");
        Optional<Instant> created = metadata.text("creationTimestamp").flatMap(text -> instant(text, metadata));
        metadata.done();
        return name.isEmpty()
                ? Optional.empty()
                : Optional.of(new ObjectMeta(namespace, name, labels, annotations, created));
    }

    /// `selector`, `targetRefs` or `targetRef`; at most one of them.
    static Target target(Fields spec, Notes notes) {
        List<Target> named = new ArrayList<>();
        spec.object("selector").ifPresent(selector -> {
            named.add(labels(selector, "matchLabels"));
            selector.done();
        });
        List<Target.Reference> references = new ArrayList<>(spec.objects("targetRefs", MetadataDecoder::reference));
        if (!references.isEmpty()) {
            named.add(new Target.References(references));
        }
        spec.object("targetRef")
                .flatMap(fields -> reference(fields, notes))
                .ifPresent(reference -> named.add(new Target.References(List.of(reference))));
        if (named.size() > 1) {
            notes.problem(spec.path(), "only one of selector, targetRef and targetRefs may be there");
        }
        return named.isEmpty() ? Target.EVERYTHING : named.getFirst();
    }

    /// `workloadSelector: {labels: ...}`, as the networking kinds have it, with `targetRefs` beside it.
    static Target workloads(Fields spec, Notes notes) {
        Target target = target(spec, notes);
        Optional<Fields> selector = spec.object("workloadSelector");
        Target workloads = selector.map(fields -> labels(fields, "labels")).orElse(Target.EVERYTHING);
        selector.ifPresent(Fields::done);
        if (target != Target.EVERYTHING && selector.isPresent()) {
            notes.problem(spec.path(), "only one of workloadSelector and targetRefs may be there");
        }
        return target == Target.EVERYTHING ? workloads : target;
    }

    static Target labels(Fields selector, String key) {
        Map<String, String> labels = selector.textMap(key);
        return labels.isEmpty() ? Target.EVERYTHING : new Target.Selector(labels);
    }

    private static Optional<Target.Reference> reference(Fields fields, Notes notes) {
        String kind = fields.text("kind").orElse("");
        String name = fields.text("name").orElse("");
        String group = fields.text("group").orElse("");
        if (fields.text("namespace").filter(text -> !text.isEmpty()).isPresent()) {
            fields.problem("namespace", "a target is in the policy's own namespace; leave it out");
        }
        fields.done();
        if (kind.isEmpty() || name.isEmpty()) {
            notes.problem(fields.path(), "a target needs a kind and a name");
            return Optional.empty();
        }
        return Optional.of(new Target.Reference(group, kind, name));
    }

    private static Optional<Instant> instant(String text, Fields metadata) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException unreadable) {
            metadata.problem("creationTimestamp", "must be a time such as 2026-01-31T12:00:00Z");
            return Optional.empty();
        }
    }
}
