package dev.countersign.policy.yaml;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.yaml.Fields.Notes;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A tree to an AuthorizationPolicy. Empty lists are dropped where Istio takes them as absent.
final class AuthorizationPolicyDecoder {
    private AuthorizationPolicyDecoder() {}

    static Optional<AuthorizationPolicy> decode(ObjectMeta metadata, Fields spec, Notes notes) {
        Target target = MetadataDecoder.target(spec, notes);
        Action action = spec.word("action", Action.class).orElse(Action.ALLOW);
        Optional<Fields> named = spec.object("provider");
        Optional<String> provider = named.flatMap(fields -> fields.text("name")).filter(name -> !name.isEmpty());
        named.ifPresent(Fields::done);
        if (provider.isPresent() && action != Action.CUSTOM) {
            spec.problem("provider", "a provider goes with action CUSTOM only");
        }
        List<Rule> rules = spec.objects("rules", AuthorizationPolicyDecoder::rule);
        spec.done();
        return notes.problems().isEmpty()
                ? Optional.of(new AuthorizationPolicy(metadata, target, action, provider, rules))
                : Optional.empty();
    }

    private static Optional<Rule> rule(Fields rule, Notes notes) {
        List<Source> from = rule.objects("from", AuthorizationPolicyDecoder::source);
        List<Operation> to = rule.objects("to", AuthorizationPolicyDecoder::operation);
        List<Condition> when = rule.objects("when", AuthorizationPolicyDecoder::condition);
        rule.done();
        return Optional.of(new Rule(from, to, when));
    }

    private static Optional<Source> source(Fields entry, Notes notes) {
        Optional<Fields> found = entry.object("source");
        entry.done();
        Map<SourceField, Values> values = new EnumMap<>(SourceField.class);
        found.ifPresent(source -> {
            for (SourceField field : SourceField.values()) {
                put(values, field, new Values(source.texts(field.key()), source.texts(field.notKey())));
            }
            source.done();
        });
        if (values.isEmpty()) {
            notes.problem(
                    found.map(Fields::path).orElse(entry.path("source")),
                    "a source needs at least one field with values");
            return Optional.empty();
        }
        return Optional.of(new Source(values));
    }

    private static Optional<Operation> operation(Fields entry, Notes notes) {
        Optional<Fields> found = entry.object("operation");
        entry.done();
        Map<OperationField, Values> values = new EnumMap<>(OperationField.class);
        found.ifPresent(operation -> {
            for (OperationField field : OperationField.values()) {
                put(values, field, new Values(operation.texts(field.key()), operation.texts(field.notKey())));
            }
            operation.done();
        });
        if (values.isEmpty()) {
            notes.problem(
                    found.map(Fields::path).orElse(entry.path("operation")),
                    "an operation needs at least one field with values");
            return Optional.empty();
        }
        return Optional.of(new Operation(values));
    }

    private static Optional<Condition> condition(Fields entry, Notes notes) {
        String key = entry.text("key").orElse("");
        Values values = new Values(entry.texts("values"), entry.texts("notValues"));
        entry.done();
        if (key.isEmpty() || values.isEmpty()) {
            notes.problem(entry.path(), "a condition needs a key, and values or notValues");
            return Optional.empty();
        }
        return Optional.of(new Condition(key, values));
    }

    private static <F extends Enum<F>> void put(Map<F, Values> fields, F field, Values values) {
        if (!values.isEmpty()) {
            fields.put(field, values);
        }
    }
}
