package dev.countersign.api;

import dev.countersign.notices.Webhook;
import dev.countersign.notices.WebhookDelivery;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One event for one webhook. `id`: of event and message; `due`: null where it waits for an earlier event of the same subject (`behind`), or
/// is over; `last`: null before the first attempt.
record WebhookDeliveryDocument(
        long entry, String id, String type, WebhookDelivery.State state, Instant since, int attempts, Optional<Instant> due, boolean behind, Instant giveUpAt,
        Optional<WebhookAttemptDocument> last) {
    /// `status` is null where nobody answered; `words` are cut short.
    record WebhookAttemptDocument(Instant at, long millis, Optional<Integer> status, String words) {
        static WebhookAttemptDocument of(WebhookDelivery.Attempt attempt) {
            return new WebhookAttemptDocument(attempt.at(), attempt.millis(), attempt.status(), attempt.words());
        }
    }

    /// `event`: what is sent. `tried`: the attempts, newest first.
    record WebhookEventDocument(WebhookDeliveryDocument delivery, Map<String, Object> event, List<WebhookAttemptDocument> tried) {
        static WebhookEventDocument of(WebhookDelivery.Story story) {
            return new WebhookEventDocument(WebhookDeliveryDocument.of(story.delivery()), Member.body(story.delivery().body().getBytes(StandardCharsets.UTF_8), Member::tree),
                    story.attempts().stream().map(WebhookAttemptDocument::of).toList());
        }
    }

    /// Of the whole webhook: `silent` attempts in a row were not answered.
    record WebhookStandingDocument(int waiting, int behind, int dead, Optional<Instant> next, int silent) {
        static WebhookStandingDocument of(Webhook.Standing standing) {
            return new WebhookStandingDocument(standing.waiting(), standing.behind(), standing.dead(), standing.next(), standing.silent());
        }
    }

    record WebhookDeliveryListDocument(WebhookStandingDocument standing, List<WebhookDeliveryDocument> items, Optional<String> next) {}

    static WebhookDeliveryDocument of(WebhookDelivery delivery) {
        return new WebhookDeliveryDocument(delivery.entry(), delivery.messageId(), delivery.type(), delivery.state(), delivery.since(), delivery.attempts(), delivery.due(),
                delivery.behind(), delivery.giveUpAt(), delivery.last().map(WebhookAttemptDocument::of));
    }
}
