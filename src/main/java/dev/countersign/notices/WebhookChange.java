package dev.countersign.notices;

import java.util.List;

/// What became of a wish about webhooks.
public sealed interface WebhookChange {
    /// `secret`: to be shown once and kept nowhere else.
    record Registered(long number, String secret) implements WebhookChange {
        @Override
        public String toString() {
            return "Registered[" + number + "]";
        }
    }

    record Rotated(long number, String secret) implements WebhookChange {
        @Override
        public String toString() {
            return "Rotated[" + number + "]";
        }
    }

    record Changed(long number) implements WebhookChange {}

    /// A test event is queued; `entry` is its number.
    record Tested(long number, long entry) implements WebhookChange {}

    /// So many dead letters were decided on; `left` are still there.
    record Decided(long number, int letters, int left) implements WebhookChange {}

    record Refused(List<Problem> problems) implements WebhookChange {}

    /// Nothing was done, because of how things stand.
    record Conflict(String message) implements WebhookChange {}

    /// Somebody else changed it meanwhile.
    record Stale(String message) implements WebhookChange {}

    record NotYours(String message) implements WebhookChange {}

    record Unknown(String what) implements WebhookChange {}

    /// `field`: name, url or types.
    record Problem(String field, String message) {}
}
