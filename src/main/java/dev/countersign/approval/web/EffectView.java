package dev.countersign.approval.web;

import dev.countersign.requests.Effect;
import dev.countersign.web.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An effect as `layout/_parts :: effect` draws it.
public record EffectView(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain, List<String> firstAllow) {
    public record Line(String sentence, @Nullable String witness, @Nullable String calls) {
        static Line of(Effect.Line line) {
            return new Line(line.description(), line.call().orElse(null), null);
        }
    }

    static EffectView of(Effect effect) {
        String verdict = switch (effect.verdict()) {
            case EQUIVALENT -> "Equivalent";
            case MORE_PERMISSIVE -> "More permissive";
            case LESS_PERMISSIVE -> "Less permissive";
            case INCOMPARABLE -> "Incomparable";
        };
        int opens = effect.newlyAllowed().size();
        int cuts = effect.newlyCut().size();
        String summary = opens + cuts == 0
                ? "nothing opens, nothing is cut"
                : "opens " + Words.count(opens, "region", "regions") + ", cuts " + cuts;
        return new EffectView(verdict, summary, "as of now", lines(effect.newlyAllowed()), lines(effect.newlyCut()), lines(effect.uncertain()),
                effect.firstAllow());
    }

    private static List<Line> lines(List<Effect.Line> lines) {
        return lines.stream().map(Line::of).toList();
    }
}
