package dev.countersign.delivery.web;

import dev.countersign.requests.Effect;
import dev.countersign.web.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An effect in the shape that the parts of a page read (`layout/_parts`).
public record EffectView(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain) {
    /// More lines than these are counted.
    private static final int LINES = 40;

    public record Line(String sentence, @Nullable String witness, @Nullable String calls) {}

    static EffectView of(Effect effect) {
        int opens = effect.newlyAllowed().size();
        int cuts = effect.newlyCut().size();
        return new EffectView(
                switch (effect.verdict()) {
                    case EQUIVALENT -> "No change";
                    case MORE_PERMISSIVE -> "Wider";
                    case LESS_PERMISSIVE -> "Narrower";
                    case INCOMPARABLE -> "Wider and narrower";
                },
                switch (effect.verdict()) {
                    case EQUIVALENT -> "nothing opens and nothing is cut";
                    case MORE_PERMISSIVE -> "opens " + Words.count(opens, "region", "regions") + ", cuts nothing";
                    case LESS_PERMISSIVE -> "cuts " + Words.count(cuts, "region", "regions") + ", opens nothing";
                    case INCOMPARABLE -> "opens " + Words.count(opens, "region", "regions") + ", cuts " + cuts;
                },
                effect.uncertain().isEmpty() ? "exact, over every call there can be" : "as far as it can be known",
                lines(effect.newlyAllowed()), lines(effect.newlyCut()), lines(effect.uncertain()));
    }

    private static List<Line> lines(List<Effect.Line> effects) {
        List<Line> lines = new ArrayList<>();
        effects.stream().limit(LINES).forEach(line -> lines.add(new Line(line.description(), line.call().orElse(null), null)));
        if (effects.size() > LINES) {
            lines.add(new Line("and " + (effects.size() - LINES) + " more", null, null));
        }
        return lines;
    }
}
