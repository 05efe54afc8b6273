package dev.countersign.approval;

import dev.countersign.requests.AskFact;
import java.util.List;

/// An approval rule as an administrator reads and writes it.
///
/// - `all`: whether all of `when` must hold, or one is enough; no fact at all means every request.
/// - `comment`: whether an approval needs words too.
public record RuleForm(String name, boolean all, List<AskFact> when, List<StageForm> stages, boolean comment) {
    /// `eligible`, separated by commas: `owner`, `security`, `administrator`, `team:payments`, `person:olga`.
    public record StageForm(String name, int needed, String eligible) {}

    public RuleForm {
        when = List.copyOf(when);
        stages = List.copyOf(stages);
    }

    /// "when one of these holds: a caller is in another namespace".
    public String condition() {
        List<String> words = when.stream().map(FactWords::of).toList();
        if (words.isEmpty()) {
            return "every request that no rule above takes";
        }
        return dev.countersign.web.Words.join(words, all ? "and" : "or");
    }

    /// The facts that a rule can look at, with their words.
    public static java.util.Map<AskFact, String> facts() {
        java.util.Map<AskFact, String> facts = new java.util.EnumMap<>(AskFact.class);
        for (AskFact fact : AskFact.values()) {
            facts.put(fact, FactWords.of(fact));
        }
        return facts;
    }
}
