package dev.countersign.policy.model;

/// One entry of `when`: an attribute (`request.headers[x-channel]`, `source.ip`, ...) and what it must and must not be.
public record Condition(String key, Values values) {
    public Condition {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("a condition needs a key");
        }
        if (values.isEmpty()) {
            throw new IllegalArgumentException("condition " + key + " needs values or notValues");
        }
    }
}
