package dev.countersign.approval;

import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestState;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// What a word about a request comes to: whether it is heard, and where the request stands after it. Decided from the request under
/// its lock, from the people as they are at that moment, and from the words said `before`; of the request's present version, all.
record Hearing(Plan plan, Roster roster, Eligibility eligibility, List<Review> before) {
    static final int MOST_COMMENT = 4_000;

    Hearing {
        before = List.copyOf(before);
    }

    static Hearing of(Plan plan, Concern concern, Roster roster, List<Review> before) {
        return new Hearing(plan, roster, Eligibility.of(plan.rule(), concern, roster), before);
    }

    /// A word belongs to the digest that was shown.
    static Optional<Deciding> stale(RequestProgress.Locked request, String digest) {
        return digest.equals(request.digest()) ? Optional.empty()
                : Optional.of(new Deciding.Stale(request.version(), request.digest(), "Request " + request.number()
                        + " is not what you were shown. Look at version " + request.version() + " and decide on that."));
    }

    /// Why the word is not heard: not theirs to say, said already, or without the words that it needs.
    Optional<Deciding> refuses(UUID person, Decision decision, String words) {
        Optional<String> refusal = eligibility.refuses(person, roster);
        if (refusal.isPresent()) {
            return Optional.of(new Deciding.NotEligible(refusal.get()));
        }
        Optional<Review> said = before.stream().filter(review -> review.person().equals(person)).findFirst();
        if (said.isPresent()) {
            return said.map(mine -> new Deciding.AlreadySaid(mine.decision(), mine.at(), "You " + DecisionWords.past(mine.decision())
                    + " this version already; a word is given once. It counts as it is."));
        }
        return wrongWords(decision, words, plan.rule()).map(Deciding.CommentRefused::new);
    }

    List<Review> with(Review review) {
        return Stream.concat(before.stream(), Stream.of(review)).toList();
    }

    Tally tally(List<Review> all) {
        return Tally.of(eligibility, all);
    }

    /// Where the request stands when its words amount to this.
    static RequestState after(Tally tally) {
        return switch (tally.outcome()) {
            case PENDING -> RequestState.SUBMITTED;
            case APPROVED -> RequestState.APPROVED;
            case REJECTED -> RequestState.REJECTED;
            case CHANGES_REQUESTED -> RequestState.CHANGES_REQUESTED;
        };
    }

    private static Optional<String> wrongWords(Decision decision, String words, ApprovalRule rule) {
        if (words.codePointCount(0, words.length()) > MOST_COMMENT) {
            return Optional.of("Say it in at most 4,000 characters.");
        }
        if (!words.isEmpty()) {
            return Optional.empty();
        }
        return switch (decision) {
            case REJECT -> Optional.of("Say why you reject it: the requester reads your words.");
            case REQUEST_CHANGES -> Optional.of("Say what should change: the requester reads your words.");
            case APPROVE -> rule.comment()
                    ? Optional.of("The rule \"" + rule.name() + "\" wants words with every approval. Say why you agree.")
                    : Optional.empty();
        };
    }
}
