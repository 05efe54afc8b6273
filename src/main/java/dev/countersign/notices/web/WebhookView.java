package dev.countersign.notices.web;

import dev.countersign.notices.EventKind;
import dev.countersign.notices.Webhook;
import dev.countersign.notices.WebhookDelivery;
import dev.countersign.web.Words;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A webhook as pages show it: how it stands in words.
public record WebhookView(Webhook webhook, String kind, String words, @Nullable Instant next) {
    static WebhookView of(Webhook webhook) {
        Webhook.Standing standing = webhook.standing();
        if (webhook.disabled().isPresent()) {
            return new WebhookView(webhook, webhook.disabled().get().as() == Webhook.DisabledAs.GONE ? "fails" : "over",
                    webhook.disabled().get().as() == Webhook.DisabledAs.GONE ? "switched off, the receiver is gone" : "switched off", null);
        }
        if (standing.dead() > 0) {
            return new WebhookView(webhook, "fails", Words.count(standing.dead(), "dead letter", "dead letters")
                    + (standing.waiting() > 0 ? ", " + standing.waiting() + " waiting" : ""), standing.next().orElse(null));
        }
        return standing.waiting() > 0 ? new WebhookView(webhook, standing.silent() > 0 ? "unsure" : "waits", standing.waiting() + " waiting", standing.next().orElse(null))
                : new WebhookView(webhook, "done", "all sent", null);
    }

    /// What the events are about, as a heading.
    static String family(String family) {
        return switch (family) {
            case "request" -> "Requests";
            case "grant", "grants" -> "Grants";
            case "rollout" -> "Rollouts";
            case "adoption" -> "Adoptions";
            default -> "Deliveries";
        };
    }

    /// "all events", "3 of 40 kinds of events".
    public String tells() {
        return webhook.kinds().size() == EventKind.all().size() ? "all events" : webhook.kinds().size() + " of " + EventKind.all().size() + " kinds of events";
    }

    /// An event as a line. `shortType`: without what all have in common.
    public record Line(WebhookDelivery delivery, String kind, String words) {
        static Line of(WebhookDelivery delivery) {
            return switch (delivery.state()) {
                case WAITING -> new Line(delivery, "waits", delivery.behind() ? "waits for an earlier one" : delivery.attempts() == 0 ? "waits" : "is tried again");
                case DELIVERED -> new Line(delivery, "done", "delivered");
                case DEAD -> new Line(delivery, "fails", "dead letter");
                case DISCARDED -> new Line(delivery, "over", "discarded");
            };
        }

        public String shortType() {
            return WebhookView.shortType(delivery.type());
        }
    }

    static String shortType(String type) {
        return type.substring(type.indexOf('.', type.indexOf('.') + 1) + 1);
    }

    public record AttemptLine(Optional<Long> entry, String type, WebhookDelivery.Attempt attempt, boolean taken) {
        static AttemptLine of(WebhookDelivery.Recent recent) {
            return new AttemptLine(Optional.of(recent.entry()), shortType(recent.type()), recent.attempt(), taken(recent.attempt()));
        }

        static AttemptLine of(WebhookDelivery.Attempt attempt) {
            return new AttemptLine(Optional.empty(), "", attempt, taken(attempt));
        }

        private static boolean taken(WebhookDelivery.Attempt attempt) {
            return attempt.status().map(status -> status / 100 == 2).orElse(false);
        }

        public String status() {
            return attempt.status().map(status -> "HTTP " + status).orElse("no answer");
        }

        public String took() {
            return attempt.millis() < 1_000 ? attempt.millis() + " ms" : String.format(java.util.Locale.ENGLISH, "%.1f s", attempt.millis() / 1000.0);
        }
    }
}
