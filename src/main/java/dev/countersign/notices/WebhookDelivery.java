package dev.countersign.notices;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One event for one webhook. `entry`: the number of the entry of the record that it tells of; `due`: when it is tried next, empty while it
/// waits for an earlier one (`behind`) or is over; `last`: what became of the latest attempt.
public record WebhookDelivery(
        long entry, String messageId, String type, String body, State state, Instant since, int attempts, Optional<Instant> due, boolean behind, Instant giveUpAt,
        Optional<Attempt> last) {
    public enum State {
        WAITING,
        DELIVERED,
        DEAD,
        DISCARDED
    }

    /// `status`: of HTTP, empty where nobody answered.
    public record Attempt(Instant at, long millis, Optional<Integer> status, String words) {}

    /// With all its attempts, the latest first.
    public record Story(WebhookDelivery delivery, List<Attempt> attempts) {}

    /// An attempt and which event it was for.
    public record Recent(long entry, String type, Attempt attempt) {}
}
