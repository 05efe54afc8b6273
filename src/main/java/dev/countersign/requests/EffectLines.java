package dev.countersign.requests;

import dev.countersign.web.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An effect in the words and the shape that the parts of a page read (`layout/_parts :: effect`).
public record EffectLines(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain) {
    /// More lines than these are counted.
    private static final int LINES = 40;

    public record Line(String sentence, @Nullable String witness, @Nullable String calls) {}

    /// `several`: more than one cluster is concerned, so each line names its own.
    public static EffectLines of(Effect effect, boolean several) {
        return of(effect, several, effect.newlyAllowed().size(), effect.newlyCut().size(), effect.uncertain().size());
    }

    /// The same of an effect of which not every line was kept: how many there were.
    public static EffectLines of(Effect effect, boolean several, int opens, int cuts, int uncertain) {
        return new EffectLines(verdict(effect.verdict()), summary(effect.verdict(), opens, cuts),
                uncertain == 0 ? "exact, over every call there can be" : "as far as it can be known",
                lines(effect.newlyAllowed(), several), lines(effect.newlyCut(), several), lines(effect.uncertain(), several));
    }

    public static String summary(Effect.Verdict verdict, int opens, int cuts) {
        return switch (verdict) {
            case EQUIVALENT -> "nothing opens and nothing is cut";
            case MORE_PERMISSIVE -> "opens " + Words.count(opens, "region", "regions") + ", cuts nothing";
            case LESS_PERMISSIVE -> "cuts " + Words.count(cuts, "region", "regions") + ", opens nothing";
            case INCOMPARABLE -> "opens " + Words.count(opens, "region", "regions") + ", cuts " + cuts;
        };
    }

    public static String verdict(Effect.Verdict verdict) {
        return switch (verdict) {
            case EQUIVALENT -> "No change";
            case MORE_PERMISSIVE -> "Wider";
            case LESS_PERMISSIVE -> "Narrower";
            case INCOMPARABLE -> "Wider and narrower";
        };
    }

    private static List<Line> lines(List<Effect.Line> effects, boolean several) {
        List<Line> lines = new ArrayList<>();
        effects.stream().limit(LINES).forEach(line -> lines.add(new Line(
                (several ? line.cluster() + ": " : "") + line.description(), line.call().orElse(null), null)));
        if (effects.size() > LINES) {
            lines.add(new Line("and " + (effects.size() - LINES) + " more", null, null));
        }
        return lines;
    }
}
