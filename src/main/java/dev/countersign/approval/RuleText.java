package dev.countersign.approval;

import dev.countersign.requests.AskFact;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/// Rules as stored text, and as the record keeps them: names of facts, and eligible people by their word.
record RuleText(String name, ApprovalRule.Match match, List<AskFact> when, List<StageText> stages, boolean comment) {
    record StageText(String name, int needed, List<String> eligible) {}

    private static final JsonMapper JSON = new JsonMapper();

    static RuleText of(ApprovalRule rule) {
        return new RuleText(rule.name(), rule.match(), rule.when().stream().sorted().toList(),
                rule.stages().stream()
                        .map(stage -> new StageText(stage.name(), stage.needed(), stage.eligible().stream().map(Eligible::word).toList()))
                        .toList(),
                rule.comment());
    }

    static List<RuleText> of(Workflow workflow) {
        return workflow.rules().stream().map(RuleText::of).toList();
    }

    /// Throws IllegalStateException for what `write` did not write: stored rules are never wrong.
    ApprovalRule rule() {
        Set<AskFact> facts = when.isEmpty() ? Set.of() : EnumSet.copyOf(when);
        return new ApprovalRule(name, match, facts, stages.stream()
                .map(stage -> new Stage(stage.name(), stage.needed(), stage.eligible().stream()
                        .map(word -> Eligible.ofWord(word).orElseThrow(() -> new IllegalStateException("stored rule names " + word)))
                        .toList()))
                .toList(), comment);
    }

    static String write(ApprovalRule rule) {
        return JSON.writeValueAsString(of(rule));
    }

    static ApprovalRule read(String text) {
        return JSON.readValue(text, RuleText.class).rule();
    }

    static String write(Workflow workflow) {
        return JSON.writeValueAsString(of(workflow));
    }

    static Workflow readWorkflow(String text) {
        return new Workflow(List.of(JSON.readValue(text, RuleText[].class)).stream().map(RuleText::rule).toList());
    }
}
