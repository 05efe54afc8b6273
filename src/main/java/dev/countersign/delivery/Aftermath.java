package dev.countersign.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// What is written down when a courier comes back, decided from its claim and its receipt alone.
///
/// - `state`: how the policy stands then, unless a newer revision is wanted by now: then it waits.
/// - `attempt`: what the attempt is called; empty where none is counted, for it says nothing that was not said.
/// - `told`: whether the record gets an entry. The same words as before are no news: told once, however often it is tried.
/// - `again`: when the portal tries again by itself; empty where it does not, or has no reason to.
/// - `answer`: what it says of the cluster.
record Aftermath(DeliveryState state, Optional<String> attempt, boolean told, Optional<Duration> again, ClusterAnswer answer) {
    private static final Duration SLOWLY = Duration.ofMinutes(1);
    /// A cluster that answers again, or gives back what was missing, waits no longer than this for the next try.
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
    /// After so many tries nobody seems to be at it.
    private static final int PATIENT = 40;
    /// The most tries a second of what one cluster refuses, however many policies that is.
    private static final int REFUSALS_A_SECOND = 4;

    enum ClusterAnswer {
        /// It was not asked, or failed for reasons of the portal's own.
        NONE,
        ANSWERED,
        FAILED,
        LOCKED_OUT
    }

    /// `words`: those of the receipt as they are kept; `refused`: how many policies of the cluster are, asked only where it matters;
    /// `chance`: spreads the tries of many.
    static Aftermath of(Consignment consignment, Receipt receipt, String words, LongSupplier refused, RandomGenerator chance) {
        return switch (receipt) {
            case Receipt.Delivered delivered -> new Aftermath(DeliveryState.APPLIED, Optional.of(delivered.how().name()),
                    isNews(consignment) || delivered.how() != Receipt.Delivered.How.ADOPTED, Optional.empty(), ClusterAnswer.ANSWERED);
            case Receipt.Refused refusal -> stopped(consignment, DeliveryState.REFUSED, refusal.outcome(), words, pause(consignment, refusal.again(), refused, chance),
                    refusal.again() == Receipt.Again.LOCKED_OUT ? ClusterAnswer.LOCKED_OUT : ClusterAnswer.ANSWERED);
            case Receipt.Contested _ -> stopped(consignment, DeliveryState.DRIFTED, "CONFLICTED", words, Optional.empty(), ClusterAnswer.ANSWERED);
            case Receipt.Held _ -> stopped(consignment, consignment.drifted() ? DeliveryState.DRIFTED : DeliveryState.WAITING, "HELD", words, Optional.empty(), ClusterAnswer.NONE);
            case Receipt.Broken _ -> stopped(consignment, DeliveryState.REFUSED, "REFUSED", words, pause(consignment, Receipt.Again.SOON, refused, chance), ClusterAnswer.NONE);
            case Receipt.Postponed postponed -> new Aftermath(DeliveryState.UNREACHABLE, Optional.of("UNREACHABLE"),
                    !consignment.lastState().equals("UNREACHABLE") && consignment.attempts() == 0,
                    Optional.of(postponed.retryAfter().orElseGet(() -> backoff(consignment.attempts(), chance))),
                    postponed.answered() ? ClusterAnswer.ANSWERED : ClusterAnswer.FAILED);
        };
    }

    /// Whether the cluster is seen to hold this revision for the first time.
    static boolean isNews(Consignment consignment) {
        return !consignment.appliedRevision().equals(Optional.of(consignment.revision()));
    }

    private static Aftermath stopped(
            Consignment consignment, DeliveryState state, String outcome, String words, Optional<Duration> again, ClusterAnswer answer) {
        boolean known = consignment.lastState().equals(state.name()) && consignment.lastWords().equals(words)
                && (consignment.attempts() > 0 || outcome.equals("HELD"));
        return new Aftermath(state, known ? Optional.empty() : Optional.of(outcome), !known, again, answer);
    }

    /// When the portal tries again by itself. The more of a cluster is refused, the longer each waits: the first that is taken
    /// wakes the others.
    private static Optional<Duration> pause(Consignment consignment, Receipt.Again again, LongSupplier refused, RandomGenerator chance) {
        return switch (again) {
            case NEVER -> Optional.empty();
            case SLOWLY -> Optional.of(Pause.spread(SLOWLY, chance));
            case LOCKED_OUT -> Optional.of(LONGEST_PAUSE);
            case SOON -> {
                Duration crowd = Duration.ofSeconds(refused.getAsLong() / REFUSALS_A_SECOND);
                Duration alone = consignment.attempts() < PATIENT ? backoff(consignment.attempts(), chance) : Pause.spread(SLOWLY, chance);
                yield Optional.of(crowd.compareTo(alone) > 0 ? Pause.spread(crowd, chance) : alone);
            }
        };
    }

    /// 0.5 s doubling to eight, each spread over a quarter so that many do not come back together.
    private static Duration backoff(int attempts, RandomGenerator chance) {
        return Pause.after(attempts, LONGEST_PAUSE.multipliedBy(4).dividedBy(5), chance);
    }
}
