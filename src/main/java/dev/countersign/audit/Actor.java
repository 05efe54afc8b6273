package dev.countersign.audit;

/// Who did it. `id` is stable (a person's id, a token's id, the name of a component of the portal); `name` is what people
/// read ("engineer@acme", "token ci of engineer@acme", "expiry"); the record keeps a mark in its place (`Pseudonyms`).
public record Actor(Kind kind, String id, String name) {
    public enum Kind {
        PERSON,
        TOKEN,
        SYSTEM,
        OPERATOR
    }

    /// The portal itself, acting by a rule that people made: expiry, the reconciler, the first start of the demo.
    public static Actor system(String component) {
        return new Actor(Kind.SYSTEM, component, component);
    }
}
