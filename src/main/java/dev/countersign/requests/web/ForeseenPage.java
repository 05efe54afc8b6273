package dev.countersign.requests.web;

import dev.countersign.requests.Effect;
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
public record ForeseenPage(String heading, Instant takenAt, ForesightPage.EffectLines effect, List<String> first, String leftOut) {
    static ForeseenPage of(RequestView request, ForeseenEffect foreseen) {
        Effect effect = foreseen.effect();
        boolean several = request.ask().clusters().size() > 1;
        String what = request.state() == RequestState.APPROVED ? "What it did" : "What it would have done";
        return new ForeseenPage(what + ", as seen when it was submitted", foreseen.takenAt(),
                new ForesightPage.EffectLines(ForesightPage.verdict(effect.verdict()), summary(foreseen),
                        ForesightPage.proof(foreseen.counts().uncertain() == 0), ForesightPage.lines(effect.newlyAllowed(), several),
                        ForesightPage.lines(effect.newlyCut(), several), ForesightPage.lines(effect.uncertain(), several)),
                effect.firstAllow(),
                foreseen.leftOut() == 0 ? "" : Words.count(foreseen.leftOut(), "more was not kept.", "more were not kept."));
    }

    /// The one line about an open request whose effect is another one now.
    static String changed(ForeseenEffect foreseen) {
        return "Then: " + ForesightPage.verdict(foreseen.effect().verdict()).toLowerCase(Locale.ROOT) + ", " + summary(foreseen) + ".";
    }

    private static String summary(ForeseenEffect foreseen) {
        return ForesightPage.summary(foreseen.effect().verdict(), foreseen.counts().newlyAllowed(), foreseen.counts().newlyCut());
    }
}
