package dev.countersign.policy.model;

import java.util.List;

/// The values of one field and of its negation: matches when some value of `any` matches (or `any` is empty) and no value
/// of `none` does. `principals: [a]`, `notPrincipals: [b]` is `Values([a], [b])`.
public record Values(List<String> any, List<String> none) {
    public static final Values EMPTY = new Values(List.of(), List.of());

    public Values {
        any = List.copyOf(any);
        none = List.copyOf(none);
    }

    public static Values any(String... values) {
        return new Values(List.of(values), List.of());
    }

    public static Values any(List<String> values) {
        return new Values(values, List.of());
    }

    public static Values none(String... values) {
        return new Values(List.of(), List.of(values));
    }

    public boolean isEmpty() {
        return any.isEmpty() && none.isEmpty();
    }
}
