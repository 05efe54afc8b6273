package dev.countersign.policy.reason;

import java.util.List;

/// What one field of a rule demands of one dimension: some of `any` (unless that is not `limited`), none of `none`.
record Literal(DimensionKey key, boolean limited, List<Matcher> any, List<Matcher> none) {
    static Literal some(DimensionKey key, Matcher matcher) {
        return new Literal(key, true, List.of(matcher), List.of());
    }

    static Literal not(DimensionKey key, Matcher matcher) {
        return new Literal(key, false, List.of(), List.of(matcher));
    }
}
