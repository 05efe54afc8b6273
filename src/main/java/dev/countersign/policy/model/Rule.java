package dev.countersign.policy.model;

import java.util.List;

/// Matches when some `from` matches (or there is none), some `to` matches (or there is none), and every `when` does.
/// `Rule.ANY` matches everything.
public record Rule(List<Source> from, List<Operation> to, List<Condition> when) {
    public static final Rule ANY = new Rule(List.of(), List.of(), List.of());

    public Rule {
        from = List.copyOf(from);
        to = List.copyOf(to);
        when = List.copyOf(when);
    }
}
