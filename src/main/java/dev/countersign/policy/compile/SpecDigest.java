package dev.countersign.policy.compile;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// A text of what a policy enforces in which every string carries its length, so that different content is different
/// text; and its SHA-256.
final class SpecDigest {
    private final StringBuilder text = new StringBuilder();

    private SpecDigest() {}

    static String of(AuthorizationPolicy policy) {
        SpecDigest spec = new SpecDigest();
        spec.put(policy.metadata().namespace());
        switch (policy.target()) {
            case Target.Everything everything -> spec.put("everything");
            case Target.Selector selector -> {
                spec.open("selector", selector.matchLabels().size());
                selector.matchLabels().forEach((key, value) -> spec.put(key).put(value));
            }
            case Target.References references -> {
                spec.open("references", references.references().size());
                references.references().forEach(r -> spec.put(r.group()).put(r.kind()).put(r.name()));
            }
        }
        spec.put(policy.action().name()).put(policy.provider().orElse(""));
        spec.open("rules", policy.rules().size());
        policy.rules().forEach(spec::rule);
        return "sha256:" + HexFormat.of().formatHex(sha256(spec.text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    static String text(Rule rule) {
        SpecDigest spec = new SpecDigest();
        spec.rule(rule);
        return spec.text.toString();
    }

    static String text(Operation operation) {
        SpecDigest spec = new SpecDigest();
        spec.operation(operation);
        return spec.text.toString();
    }

    static String text(Condition condition) {
        SpecDigest spec = new SpecDigest();
        spec.condition(condition);
        return spec.text.toString();
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void rule(Rule rule) {
        open("from", rule.from().size());
        rule.from().forEach(this::source);
        open("to", rule.to().size());
        rule.to().forEach(this::operation);
        open("when", rule.when().size());
        rule.when().forEach(this::condition);
    }

    private void source(Source source) {
        open("source", source.fields().size());
        source.fields().forEach((field, values) -> put(field.key()).values(values));
    }

    private void operation(Operation operation) {
        open("operation", operation.fields().size());
        operation.fields().forEach((field, values) -> put(field.key()).values(values));
    }

    private void condition(Condition condition) {
        put(condition.key()).values(condition.values());
    }

    private void values(Values values) {
        strings("any", values.any());
        strings("none", values.none());
    }

    private void strings(String what, List<String> strings) {
        open(what, strings.size());
        strings.forEach(this::put);
    }

    private void open(String what, int size) {
        text.append(what).append('[').append(size).append(']');
    }

    private SpecDigest put(String value) {
        text.append(value.length()).append(':').append(value).append(';');
        return this;
    }
}
