package dev.countersign.approval;

import dev.countersign.identity.Role;
import dev.countersign.requests.AskFact;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The ordered approval rules of a tenant: the first that applies decides who must agree. The last one applies to every ask,
/// so there is always an answer; no rule stands where it is never reached.
record Workflow(List<ApprovalRule> rules) {
    static final int MOST_RULES = 50;

    Workflow {
        rules = List.copyOf(rules);
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("without a rule nothing could be approved; keep at least one");
        }
        if (rules.size() > MOST_RULES) {
            throw new IllegalArgumentException("at most " + MOST_RULES + " rules are possible; join some of them");
        }
        for (ApprovalRule rule : rules.subList(0, rules.size() - 1)) {
            if (rule.when().isEmpty()) {
                throw new IllegalArgumentException(
                        "rule \"" + rule.name() + "\" applies to every request, so the rules below it never do; move it to the end");
            }
        }
        if (!rules.getLast().when().isEmpty()) {
            throw new IllegalArgumentException(
                    "the last rule must apply to every request, or some could never be approved; add one without conditions");
        }
        Set<String> names = new HashSet<>();
        for (ApprovalRule rule : rules) {
            if (!names.add(rule.name().toLowerCase(java.util.Locale.ROOT))) {
                throw new IllegalArgumentException("two rules are called \"" + rule.name() + "\"; rename one");
            }
        }
    }

    /// What rules when a tenant has not said otherwise.
    static Workflow builtIn() {
        Stage owner = new Stage("Owner", 1, List.of(new Eligible.Owner()));
        List<Eligible> security = List.of(new Eligible.Holder(Role.SECURITY));
        return new Workflow(List.of(
                new ApprovalRule("Wide or without end", ApprovalRule.Match.ANY,
                        EnumSet.of(AskFact.WHOLE_SERVICE, AskFact.WILDCARD_PRINCIPAL, AskFact.WILDCARD_METHOD, AskFact.PERMANENT),
                        List.of(owner, new Stage("Security", 2, security)), false),
                new ApprovalRule("Across namespaces", ApprovalRule.Match.ANY, EnumSet.of(AskFact.CROSS_NAMESPACE),
                        List.of(owner, new Stage("Security", 1, security)), false),
                new ApprovalRule("Within a namespace, paths given", ApprovalRule.Match.ANY, Set.of(), List.of(owner), false)));
    }

    ApprovalRule ruleFor(Set<AskFact> facts) {
        return rules.stream()
                .filter(rule -> rule.appliesTo(facts))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the last rule applies to everything: " + facts));
    }
}
