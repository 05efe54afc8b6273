package dev.countersign.approval.web;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Standing;
import dev.countersign.requests.RequestState;
import java.util.Optional;

/// What became of one row of a decision: done or not, in a word and a sentence.
public record RowResult(long number, String kind, String word, String message) {
    /// What others did to a row while its page was open; empty while it stands as shown.
    static Optional<RowResult> meanwhile(Standing standing, int version) {
        if (standing.state() != RequestState.SUBMITTED) {
            return Optional.of(new RowResult(standing.number(), standing.state() == RequestState.APPROVED ? "done" : "over",
                    StateWord.of(standing.state()).word(),
                    standing.settled().map(settled -> "By the word of " + settled.by() + ", while this page was open.").orElse("While this page was open.")));
        }
        if (standing.version() != version) {
            return Optional.of(new RowResult(standing.number(), "fails", "changed meanwhile",
                    "Version " + standing.version() + " waits now. Look at the request and decide on that."));
        }
        return Optional.empty();
    }

    static RowResult of(long number, Deciding deciding) {
        return switch (deciding) {
            case Deciding.Recorded(long n, int version, RequestState state, String missing) ->
                state == RequestState.SUBMITTED
                        ? new RowResult(number, "waits", "counted", "Your word counts for version " + version + ". It waits for " + missing + ".")
                        : new RowResult(number, state == RequestState.APPROVED ? "done" : "over", StateWord.of(state).word(),
                                "Your word settled version " + version + ".");
            case Deciding.Stale(int version, String digest, String message) -> new RowResult(number, "fails", "changed meanwhile", message);
            case Deciding.NotOpen(RequestState state, var at, String message) -> new RowResult(number, "over", StateWord.of(state).word(), message);
            case Deciding.NotEligible(String message) -> new RowResult(number, "fails", "not yours", message);
            case Deciding.AlreadySaid(var decision, var at, String message) -> new RowResult(number, "over", "said already", message);
            case Deciding.CommentRefused(String message) -> new RowResult(number, "fails", "words are missing", message);
            case Deciding.Unknown() -> new RowResult(number, "fails", "unknown", "There is no request " + number + " here.");
        };
    }
}
