package dev.countersign.approval;

import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.Optional;

/// What became of deciding. Every refusal's `message` says what to do next.
public sealed interface Deciding {
    /// The word counts. `state`: the request's, after it; `missing`: whose word it still wants, empty once it is settled.
    record Recorded(long number, int version, RequestState state, String missing) implements Deciding {}

    /// The request, or what it would do, is not what was shown any more: look at this version as it is now first.
    record Stale(int version, String digest, String message) implements Deciding {}

    /// It is settled, withdrawn or lapsed. `at`: when it was settled by reviews.
    record NotOpen(RequestState state, Optional<Instant> at, String message) implements Deciding {}

    record NotEligible(String message) implements Deciding {}

    /// One person, one word for each version.
    record AlreadySaid(Decision decision, Instant at, String message) implements Deciding {}

    /// Words are missing, or too many.
    record CommentRefused(String message) implements Deciding {}

    record Unknown() implements Deciding {}
}
