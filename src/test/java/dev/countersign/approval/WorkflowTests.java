package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.identity.Role;
import dev.countersign.requests.AskFact;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WorkflowTests {
    private static final Stage OWNER = new Stage("Owner", 1, List.of(new Eligible.Owner()));

    private static ApprovalRule rule(String name, Set<AskFact> when, ApprovalRule.Match match) {
        return new ApprovalRule(name, match, when, List.of(OWNER), false);
    }

    private static List<String> stages(AskFact... facts) {
        return Workflow.builtIn().ruleFor(facts.length == 0 ? Set.of() : EnumSet.copyOf(List.of(facts))).stages().stream()
                .map(stage -> stage.needed() + " " + stage.eligible().getFirst().word())
                .toList();
    }

    @Test
    void withinANamespaceTheOwnerDecides() {
        assertThat(stages(AskFact.SAME_NAMESPACE_PATHS)).containsExactly("1 owner");
    }

    @Test
    void acrossNamespacesSecurityDecidesToo() {
        assertThat(stages(AskFact.CROSS_NAMESPACE)).containsExactly("1 owner", "1 role:SECURITY");
    }

    @Test
    void whateverIsWideOrWithoutEndNeedsTwoOfSecurity() {
        for (AskFact fact : EnumSet.of(AskFact.WHOLE_SERVICE, AskFact.WILDCARD_METHOD, AskFact.WILDCARD_PRINCIPAL, AskFact.PERMANENT)) {
            assertThat(stages(fact)).as("%s", fact).containsExactly("1 owner", "2 role:SECURITY");
            assertThat(stages(fact, AskFact.CROSS_NAMESPACE)).as("%s", fact).containsExactly("1 owner", "2 role:SECURITY");
        }
    }

    @Test
    void theFirstRuleThatAppliesDecides() {
        Workflow workflow = new Workflow(List.of(
                rule("both", EnumSet.of(AskFact.CROSS_NAMESPACE, AskFact.PERMANENT), ApprovalRule.Match.ALL),
                rule("either", EnumSet.of(AskFact.CROSS_NAMESPACE, AskFact.PERMANENT), ApprovalRule.Match.ANY),
                rule("rest", Set.of(), ApprovalRule.Match.ANY)));
        assertThat(workflow.ruleFor(EnumSet.of(AskFact.CROSS_NAMESPACE, AskFact.PERMANENT)).name()).isEqualTo("both");
        assertThat(workflow.ruleFor(EnumSet.of(AskFact.PERMANENT)).name()).isEqualTo("either");
        assertThat(workflow.ruleFor(Set.of()).name()).isEqualTo("rest");
    }

    @Test
    void everySetOfFactsHasARule() {
        for (int bits = 0; bits < 1 << AskFact.values().length; bits++) {
            EnumSet<AskFact> facts = EnumSet.noneOf(AskFact.class);
            for (AskFact fact : AskFact.values()) {
                if ((bits & 1 << fact.ordinal()) != 0) {
                    facts.add(fact);
                }
            }
            assertThat(Workflow.builtIn().ruleFor(facts).stages()).isNotEmpty();
        }
    }

    @Test
    void rulesThatCouldLeaveARequestWithoutApproversAreRefused() {
        assertThatThrownBy(() -> new Workflow(List.of())).hasMessageContaining("keep at least one");
        assertThatThrownBy(() -> new Workflow(List.of(rule("a", EnumSet.of(AskFact.PERMANENT), ApprovalRule.Match.ANY))))
                .hasMessageContaining("last rule must apply to every request");
        assertThatThrownBy(() -> new Workflow(List.of(
                        rule("a", Set.of(), ApprovalRule.Match.ANY), rule("b", Set.of(), ApprovalRule.Match.ANY))))
                .hasMessageContaining("move it to the end");
        assertThatThrownBy(() -> new ApprovalRule("a", ApprovalRule.Match.ANY, Set.of(), List.of(), false)).hasMessageContaining("no stage");
        assertThatThrownBy(() -> new Stage("s", 0, List.of(new Eligible.Owner()))).hasMessageContaining("needs 1 to 9 people");
        assertThatThrownBy(() -> new Stage("s", -1, List.of(new Eligible.Owner()))).hasMessageContaining("needs 1 to 9 people");
        assertThatThrownBy(() -> new Stage("s", 1, List.of())).hasMessageContaining("names nobody");
        assertThatThrownBy(() -> new Stage("s", 2, List.of(new Eligible.Named(new UUID(0, 1)), new Eligible.Named(new UUID(0, 1)))))
                .hasMessageContaining("names only 1");
        assertThatThrownBy(() -> new Eligible.Holder(Role.AUDITOR)).hasMessageContaining("never decides");
    }

    @Test
    void everyEligibleIsReadFromItsWord() {
        for (Eligible eligible : List.of(new Eligible.Owner(), new Eligible.Holder(Role.SECURITY), new Eligible.OfTeam(new UUID(1, 2)),
                new Eligible.Named(new UUID(3, 4)))) {
            assertThat(Eligible.ofWord(eligible.word())).contains(eligible);
        }
        for (String word : List.of("", "owners", "role:", "role:AUDITOR", "role:security", "team:x", "person:", "anyone")) {
            assertThat(Eligible.ofWord(word)).as(word).isEmpty();
        }
    }
}
