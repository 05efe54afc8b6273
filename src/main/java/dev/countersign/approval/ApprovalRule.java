package dev.countersign.approval;

import dev.countersign.requests.AskFact;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// When an ask is of this kind, these stages must agree.
///
/// - `when`: the facts that make it apply; none means every ask that no earlier rule took.
/// - `match`: whether one of the facts is enough, or all are needed.
/// - `comment`: whether an approval needs words too (a rejection and a wish for changes always do).
record ApprovalRule(String name, Match match, Set<AskFact> when, List<Stage> stages, boolean comment) {
    enum Match {
        ANY,
        ALL
    }

    ApprovalRule {
        name = name.strip();
        when = when.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(EnumSet.copyOf(when));
        stages = List.copyOf(stages);
        if (name.isEmpty() || name.length() > 100) {
            throw new IllegalArgumentException("a rule needs a name of 1 to 100 characters");
        }
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("rule \"" + name + "\" has no stage: nobody would have to agree");
        }
        if (stages.size() > 6) {
            throw new IllegalArgumentException("rule \"" + name + "\" has more than 6 stages; join some of them");
        }
        if (stages.stream().map(Stage::name).distinct().count() < stages.size()) {
            throw new IllegalArgumentException("rule \"" + name + "\" has two stages of one name; rename one");
        }
    }

    boolean appliesTo(Set<AskFact> facts) {
        if (when.isEmpty()) {
            return true;
        }
        return match == Match.ALL ? facts.containsAll(when) : when.stream().anyMatch(facts::contains);
    }
}
