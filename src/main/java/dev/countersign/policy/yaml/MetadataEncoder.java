package dev.countersign.policy.yaml;

import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import java.util.Map;

/// The parts that all kinds share.
final class MetadataEncoder {
    private MetadataEncoder() {}

    static Map<String, Object> metadata(ObjectMeta metadata) {
        Encoder encoder = new Encoder();
        encoder.put("name", metadata.name());
        encoder.text("namespace", metadata.namespace());
        encoder.map("labels", metadata.labels());
        encoder.map("annotations", metadata.annotations());
        encoder.optional("creationTimestamp", metadata.creationTimestamp().map(Object::toString));
        return encoder.map();
    }

    /// `selector` names the field for labels and `labels` the field inside it, which differ between the API groups.
    static void target(Encoder spec, Target target, String selector, String labels) {
        switch (target) {
            case Target.Everything() -> {}
            case Target.Selector(Map<String, String> matchLabels) -> {
                Encoder inner = new Encoder();
                inner.map(labels, matchLabels);
                spec.put(selector, inner.map());
            }
            case Target.References(var references) ->
                spec.list(
                        "targetRefs",
                        references.stream().map(MetadataEncoder::reference).toList());
        }
    }

    private static Map<String, Object> reference(Target.Reference reference) {
        Encoder encoder = new Encoder();
        encoder.put("group", reference.group());
        encoder.put("kind", reference.kind());
        encoder.put("name", reference.name());
        return encoder.map();
    }
}
