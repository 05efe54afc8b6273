package dev.countersign.policy.yaml;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import java.util.Map;

/// An AuthorizationPolicy's spec. The action is always said, except where the spec is empty: `spec: {}` is the form in
/// which Istio's own pages show the policy that allows nothing.
final class AuthorizationPolicyEncoder {
    private AuthorizationPolicyEncoder() {}

    static Map<String, Object> spec(AuthorizationPolicy policy) {
        Encoder spec = new Encoder();
        boolean nothing = policy.action() == Action.ALLOW
                && policy.target() instanceof Target.Everything
                && policy.rules().isEmpty();
        MetadataEncoder.target(spec, policy.target(), "selector", "matchLabels");
        if (!nothing) {
            spec.put("action", policy.action().name());
        }
        policy.provider().ifPresent(name -> spec.put("provider", Map.of("name", name)));
        spec.list(
                "rules",
                policy.rules().stream().map(AuthorizationPolicyEncoder::rule).toList());
        return spec.map();
    }

    private static Map<String, Object> rule(Rule rule) {
        Encoder encoder = new Encoder();
        encoder.list(
                "from",
                rule.from().stream()
                        .map(source -> Map.of("source", source(source)))
                        .toList());
        encoder.list(
                "to",
                rule.to().stream()
                        .map(operation -> Map.of("operation", operation(operation)))
                        .toList());
        encoder.list(
                "when",
                rule.when().stream().map(AuthorizationPolicyEncoder::condition).toList());
        return encoder.map();
    }

    private static Map<String, Object> source(Source source) {
        Encoder encoder = new Encoder();
        for (SourceField field : SourceField.values()) {
            values(encoder, source.get(field), field.key(), field.notKey());
        }
        return encoder.map();
    }

    private static Map<String, Object> operation(Operation operation) {
        Encoder encoder = new Encoder();
        for (OperationField field : OperationField.values()) {
            values(encoder, operation.get(field), field.key(), field.notKey());
        }
        return encoder.map();
    }

    private static Map<String, Object> condition(Condition condition) {
        Encoder encoder = new Encoder();
        encoder.put("key", condition.key());
        values(encoder, condition.values(), "values", "notValues");
        return encoder.map();
    }

    private static void values(Encoder encoder, Values values, String key, String notKey) {
        encoder.list(key, values.any());
        encoder.list(notKey, values.none());
    }
}
