package dev.countersign.approval.web;

import dev.countersign.approval.Deciding;
import dev.countersign.requests.RequestState;

/// What became of one row of a decision: done or not, in a word and a sentence.
record RowResult(long number, String kind, String word, String message) {
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
