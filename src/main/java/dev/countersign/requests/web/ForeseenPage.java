package dev.countersign.requests.web;

import dev.countersign.requests.Effect;
import dev.countersign.requests.EffectLines;
import dev.countersign.requests.ForeseenEffect;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import dev.countersign.web.Words;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// What a request was foreseen to do when it was submitted, as its page shows it once nothing changes any more.
///
/// - `first`: the clusters in which it would have been the first ALLOW.
/// - `leftOut`: how many lines were not kept, in words; "" for none.
public record ForeseenPage(String heading, Instant takenAt, EffectLines effect, List<String> first, String leftOut) {
    static ForeseenPage of(RequestView request, ForeseenEffect foreseen) {
        Effect effect = foreseen.effect();
        boolean several = request.ask().clusters().size() > 1;
        String what = request.state() == RequestState.APPROVED ? "What it did" : "What it would have done";
        return new ForeseenPage(what + ", as seen when it was submitted", foreseen.takenAt(),
                EffectLines.of(effect, several, foreseen.counts().newlyAllowed(), foreseen.counts().newlyCut(), foreseen.counts().uncertain()),
                effect.firstAllow(),
                foreseen.leftOut() == 0 ? "" : Words.count(foreseen.leftOut(), "more was not kept.", "more were not kept."));
    }

    /// The one line about an open request whose effect is another one now.
    static String changed(ForeseenEffect foreseen) {
        return "Then: " + EffectLines.verdict(foreseen.effect().verdict()).toLowerCase(Locale.ROOT) + ", "
                + EffectLines.summary(foreseen.effect().verdict(), foreseen.counts().newlyAllowed(), foreseen.counts().newlyCut()) + ".";
    }
}
