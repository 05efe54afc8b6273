package dev.countersign.requests.web;

import dev.countersign.requests.ApprovalPlan.PlannedStage;
import dev.countersign.requests.Effect;
import dev.countersign.requests.EffectLines;
import dev.countersign.requests.Finding;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.Sentence;
import dev.countersign.web.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A foresight in the shape that the parts of a page read (`layout/_parts`).
public record ForesightPage(
        Sentence sentence,
        @Nullable EffectLines effect,
        List<Finding> findings,
        @Nullable Cut cut,
        List<StageLine> stages,
        String impossible,
        List<PolicyLine> policies,
        boolean collectionMissed) {
    /// More lines than these are counted.
    private static final int LINES = 40;

    /// Said before everything else.
    public record Cut(String title, String text) {}

    public record StageLine(String state, String name, String need, List<String> lines, @Nullable String words) {}

    public record PolicyLine(String title, String yaml) {}

    static ForesightPage of(Foresight foresight) {
        boolean several = foresight.policies().stream().map(Foresight.PolicyText::cluster).distinct().count() > 1;
        return new ForesightPage(
                foresight.sentence(),
                foresight.effect().map(effect -> EffectLines.of(effect, several)).orElse(null),
                foresight.findings().stream().limit(LINES).toList(),
                foresight.effect().flatMap(ForesightPage::cut).orElse(null),
                foresight.plan().map(plan -> plan.stages().stream().map(ForesightPage::stage).toList()).orElse(List.of()),
                foresight.plan().filter(plan -> !plan.possible()).map(plan -> plan.why()).orElse(""),
                foresight.policies().stream()
                        .map(policy -> new PolicyLine("The policy" + (several ? " in " + policy.cluster() : "") + ", as it will be written", policy.yaml()))
                        .toList(),
                foresight.findings().stream().anyMatch(finding -> finding.code().equals("CS1212")));
    }

    private static Optional<Cut> cut(Effect effect) {
        if (effect.newlyCut().isEmpty()) {
            return Optional.empty();
        }
        long callers = effect.newlyCut().stream().map(line -> line.witness().get("from")).distinct().count();
        String title = Words.count(callers, "kind of caller loses access.", "kinds of callers lose access.");
        return Optional.of(effect.firstAllow().isEmpty()
                ? new Cut(title, "They could call until now, and are refused once this is granted.")
                : new Cut(title, "This is the first ALLOW policy on the service: everyone it does not name is refused from then on."));
    }

    private static StageLine stage(PlannedStage stage) {
        List<String> lines = new ArrayList<>();
        lines.add(Words.count(stage.eligiblePeople(), "person can agree", "people can agree"));
        if (!stage.reason().isEmpty()) {
            lines.add(stage.reason());
        }
        return new StageLine(stage.eligiblePeople() < stage.needed() ? "fails" : "", stage.name(), stage.needed() + " needed", lines, null);
    }
}
