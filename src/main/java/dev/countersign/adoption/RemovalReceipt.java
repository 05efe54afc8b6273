package dev.countersign.adoption;

import java.time.Duration;
import java.util.Optional;

/// What became of a removal.
sealed interface RemovalReceipt {
    /// The cluster does not hold the object any more: removed by us, or (where that never began) by another hand.
    record Removed() implements RemovalReceipt {}

    /// It is not removed, and will not be; a person has to act.
    record Stopped(String words, String advice) implements RemovalReceipt {}

    /// Not now. `retryAfter` where the cluster named a time.
    record Postponed(String words, String advice, Optional<Duration> retryAfter) implements RemovalReceipt {
        static Postponed because(String words, String advice) {
            return new Postponed(words, advice, Optional.empty());
        }
    }
}
