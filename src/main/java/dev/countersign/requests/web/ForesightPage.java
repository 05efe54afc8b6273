package dev.countersign.requests.web;

import dev.countersign.requests.ApprovalPlan.PlannedStage;
import dev.countersign.requests.Effect;
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

    public record EffectLines(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain) {}

    public record Line(String sentence, @Nullable String witness, @Nullable String calls) {}

    /// Said before everything else.
    public record Cut(String title, String text) {}

    public record StageLine(String state, String name, String need, List<String> lines, @Nullable String words) {}

    public record PolicyLine(String title, String yaml) {}

    static ForesightPage of(Foresight foresight) {
        boolean several = foresight.policies().stream().map(Foresight.PolicyText::cluster).distinct().count() > 1;
        return new ForesightPage(
                foresight.sentence(),
                foresight.effect().map(effect -> effect(effect, several)).orElse(null),
                foresight.findings().stream().limit(LINES).toList(),
                foresight.effect().flatMap(ForesightPage::cut).orElse(null),
                foresight.plan().map(plan -> plan.stages().stream().map(ForesightPage::stage).toList()).orElse(List.of()),
                foresight.plan().filter(plan -> !plan.possible()).map(plan -> plan.why()).orElse(""),
                foresight.policies().stream()
                        .map(policy -> new PolicyLine("The policy" + (several ? " in " + policy.cluster() : "") + ", as it will be written", policy.yaml()))
                        .toList(),
                foresight.findings().stream().anyMatch(finding -> finding.code().equals("CS1212")));
    }

    private static EffectLines effect(Effect effect, boolean several) {
        return new EffectLines(verdict(effect.verdict()), summary(effect.verdict(), effect.newlyAllowed().size(), effect.newlyCut().size()),
                proof(effect.uncertain().isEmpty()),
                lines(effect.newlyAllowed(), several), lines(effect.newlyCut(), several), lines(effect.uncertain(), several));
    }

    static String summary(Effect.Verdict verdict, int opens, int cuts) {
        return switch (verdict) {
            case EQUIVALENT -> "nothing opens and nothing is cut";
            case MORE_PERMISSIVE -> "opens " + Words.count(opens, "region", "regions") + ", cuts nothing";
            case LESS_PERMISSIVE -> "cuts " + Words.count(cuts, "region", "regions") + ", opens nothing";
            case INCOMPARABLE -> "opens " + Words.count(opens, "region", "regions") + ", cuts " + cuts;
        };
    }

    static String proof(boolean certain) {
        return certain ? "exact, over every call there can be" : "as far as it can be known";
    }

    static String verdict(Effect.Verdict verdict) {
        return switch (verdict) {
            case EQUIVALENT -> "No change";
            case MORE_PERMISSIVE -> "Wider";
            case LESS_PERMISSIVE -> "Narrower";
            case INCOMPARABLE -> "Wider and narrower";
        };
    }

    static List<Line> lines(List<Effect.Line> effects, boolean several) {
        List<Line> lines = new ArrayList<>();
        effects.stream().limit(LINES).forEach(line -> lines.add(new Line(
                (several ? line.cluster() + ": " : "") + line.description(), line.call().orElse(null), null)));
        if (effects.size() > LINES) {
            lines.add(new Line("and " + (effects.size() - LINES) + " more", null, null));
        }
        return lines;
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
