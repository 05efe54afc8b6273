package dev.countersign.delivery;

import java.util.List;

/// What became of changing how a cluster gets its policies.
public sealed interface ModeChange {
    /// From now on only this mode writes.
    record Changed(DeliveryMode mode) implements ModeChange {}

    /// Nothing was changed: the setting cannot be meant. `field` is the field of the form.
    record Refused(List<Problem> problems) implements ModeChange {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /// `message` says what to do; never holds a secret.
    record Problem(String field, String message) {}

    /// Something is being written at this moment; `message` says what and what to do.
    record UnderWay(String message) implements ModeChange {}

    record NotYours(String message) implements ModeChange {}

    /// There is no such cluster in use.
    record Unknown(String what) implements ModeChange {}
}
