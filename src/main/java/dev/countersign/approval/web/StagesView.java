package dev.countersign.approval.web;

import dev.countersign.approval.Review;
import dev.countersign.approval.Standing;
import dev.countersign.requests.RequestState;
import dev.countersign.web.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How far a request has come, as its page shows it beside the decision.
public record StagesView(
        long number,
        int version,
        String digest,
        String shortDigest,
        String stamp,
        StateWord state,
        boolean open,
        Instant lapsesAt,
        String rule,
        boolean commentNeeded,
        List<StageView> stages,
        List<Word> against,
        @Nullable String impossible,
        @Nullable String refusal,
        @Nullable String settledBy,
        @Nullable Instant settledAt) {
    /// `state` is done, waits, or empty for a stage that nobody waits for any more.
    public record StageView(String name, String state, String need, List<Word> agreed, @Nullable String canAct) {}

    /// Who said what, when.
    public record Word(String person, String said, Instant at, @Nullable String words) {
        static Word of(Review review) {
            return new Word(review.personName(), DecisionView.of(review.decision()).past(), review.at(), review.comment().isEmpty() ? null : review.comment());
        }
    }

    static StagesView of(Standing standing) {
        boolean open = standing.state() == RequestState.SUBMITTED;
        List<Review> seated = standing.stages().stream().flatMap(stage -> stage.agreed().stream()).toList();
        List<Word> others = standing.reviews().stream().filter(review -> !seated.contains(review)).map(Word::of).toList();
        return new StagesView(standing.number(), standing.version(), standing.digest(), shortened(standing.digest()),
                standing.version() + "." + standing.state().name().toLowerCase(Locale.ROOT) + "." + standing.reviews().size(), StateWord.of(standing.state()), open,
                standing.lapsesAt(), standing.rule(), standing.commentNeeded(), standing.stages().stream().map(stage -> stage(stage, open)).toList(), others,
                standing.possible() ? null : standing.why(), standing.refusal().orElse(null),
                standing.settled().map(Standing.Settled::by).orElse(null), standing.settled().map(Standing.Settled::at).orElse(null));
    }

    private static StageView stage(Standing.StageStanding stage, boolean open) {
        boolean done = stage.missing() == 0;
        String need = done
                ? stage.needed() == 1 ? "" : "all " + stage.needed() + " agreed"
                : stage.missing() + " of " + stage.needed() + " needed";
        return new StageView(stage.name(), done ? "done" : open ? "waits" : "", need, stage.agreed().stream().map(Word::of).toList(),
                done || !open ? null : canAct(stage));
    }

    private static String canAct(Standing.StageStanding stage) {
        List<String> names = new ArrayList<>();
        if (stage.mine()) {
            names.add("you");
        }
        names.addAll(stage.canAct());
        if (stage.canActMore() > 0) {
            names.add(Words.count(stage.canActMore(), "other", "others"));
        }
        return names.isEmpty()
                ? "nobody of " + String.join(", ", stage.eligible()) + " can act"
                : Words.join(names, "or") + " can act";
    }

    /// The first eight digits in two groups: enough to compare by eye.
    private static String shortened(String digest) {
        String hex = digest.substring(digest.indexOf(':') + 1);
        return hex.substring(0, 4) + " " + hex.substring(4, 8);
    }
}
