package dev.countersign.notices;

import dev.countersign.audit.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A receiver of events as an administrator registered it, and how it stands. `url` is for administrators only: path and query may hold a
/// token; `origin` is what is told elsewhere. `formerUntil`: until when the secret before the present one signs too.
public record Webhook(
        UUID id, long number, String name, String url, String origin, List<EventKind> kinds, int version, Instant registeredAt, Optional<Disabled> disabled,
        Optional<Instant> formerUntil, Standing standing) {
    public Webhook {
        kinds = List.copyOf(kinds);
    }

    /// Who switched it off: a person, or the receiver, by answering 410 Gone.
    public enum DisabledAs {
        BY_PERSON,
        GONE
    }

    public record Disabled(Instant at, DisabledAs as) {}

    /// - `waiting`: events that are not sent yet, `behind` of them because an earlier one of the same subject is not.
    /// - `dead`: those that were given up and wait for a decision.
    /// - `next`: when something is tried; empty where nothing waits, or it is under way.
    /// - `silent`: how many attempts in a row nobody answered.
    public record Standing(int waiting, int behind, int dead, Optional<Instant> next, int silent) {}

    Subject subject() {
        return subject(number);
    }

    static Subject subject(long number) {
        return new Subject("webhook", Long.toString(number));
    }

    @Override
    public String toString() {
        return "Webhook[" + number + " " + origin + "]";
    }
}
