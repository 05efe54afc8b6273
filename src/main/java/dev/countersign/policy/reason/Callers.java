package dev.countersign.policy.reason;

import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who is meant by the rules of a change, as long as all of them name their callers one by one. Then a rule that names
/// others has nothing to do with the change, and need not be read.
final class Callers {
    private final RuleCubes reader;
    private final Set<String> named = new HashSet<>();
    private boolean anyone;

    Callers(RuleCubes reader) {
        this.reader = reader;
    }

    List<Rule> note(List<Rule> changed) {
        for (Rule rule : changed) {
            Optional<List<String>> names = anyone ? Optional.empty() : names(rule);
            anyone |= names.isEmpty();
            names.ifPresent(named::addAll);
        }
        return changed;
    }

    boolean mayMeet(Rule rule) {
        if (anyone) {
            return true;
        }
        Optional<List<String>> names = names(rule);
        return names.isEmpty() || names.get().stream().anyMatch(named::contains);
    }

    /// The callers of a rule, by principal; empty where it does not name them all.
    private Optional<List<String>> names(Rule rule) {
        if (rule.from().isEmpty()) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>();
        for (Source source : rule.from()) {
            List<String> principals = source.get(SourceField.PRINCIPALS).any();
            if (principals.isEmpty()) {
                return Optional.empty();
            }
            for (String principal : reader.principals(principals)) {
                if (principal.startsWith("*") || principal.endsWith("*")) {
                    return Optional.empty();
                }
                names.add(principal);
            }
        }
        return Optional.of(names);
    }
}
