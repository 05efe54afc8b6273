package dev.countersign.api;

import dev.countersign.notices.EventKind;
import dev.countersign.notices.Webhook;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A webhook as it was set. `disabled` is null while it is switched on; `formerSecretUntil` is null unless the secret before the present
/// one signs too. How its events stand is told with its deliveries.
record WebhookDocument(
        long number, String name, String url, List<String> types, boolean enabled, Optional<WebhookDisabledDocument> disabled, Instant registeredAt,
        Optional<Instant> formerSecretUntil) {
    /// GONE: the receiver answered 410.
    record WebhookDisabledDocument(Instant at, Webhook.DisabledAs as) {}

    record WebhookListDocument(List<WebhookDocument> items) {}

    /// `secret` is said this once, and null where the request is answered again by its Idempotency-Key.
    record WebhookSecretDocument(long webhook, Optional<String> secret) {
        @Override
        public String toString() {
            return "WebhookSecretDocument[" + webhook + "]";
        }
    }

    record WebhookRemovedDocument(long number) {}

    /// `entry`: the number of the test's entry of the record, under which its delivery is found.
    record WebhookTestDocument(long webhook, long entry) {}

    /// So many dead letters wait for the receiver again; `left` were too many for once.
    record WebhookRedeliveryDocument(long webhook, int letters, int left) {}

    static WebhookDocument of(Webhook webhook) {
        return new WebhookDocument(webhook.number(), webhook.name(), webhook.url(), webhook.kinds().stream().map(EventKind::type).toList(), webhook.disabled().isEmpty(),
                webhook.disabled().map(disabled -> new WebhookDisabledDocument(disabled.at(), disabled.as())), webhook.registeredAt(), webhook.formerUntil());
    }
}
