package dev.countersign.requests;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// How long access is asked for. The clock starts at the deciding approval.
public sealed interface GrantPeriod {
    /// A length of time, whole minutes, positive.
    record For(Duration length) implements GrantPeriod {
        public For {
            if (!length.isPositive() || !length.equals(length.truncatedTo(ChronoUnit.MINUTES))) {
                throw new IllegalArgumentException("a grant lasts whole minutes, not " + length);
            }
        }

        @Override
        public Optional<Instant> end(Instant from) {
            return Optional.of(from.plus(length));
        }
    }

    /// A moment, whole seconds.
    record Until(Instant end) implements GrantPeriod {
        public Until {
            if (!end.equals(end.truncatedTo(ChronoUnit.SECONDS))) {
                throw new IllegalArgumentException("a grant ends at a whole second, not at " + end);
            }
        }

        @Override
        public Optional<Instant> end(Instant from) {
            return Optional.of(end);
        }
    }

    record Permanent() implements GrantPeriod {
        @Override
        public Optional<Instant> end(Instant from) {
            return Optional.empty();
        }
    }

    /// When a grant that begins at `from` ends; empty for never.
    Optional<Instant> end(Instant from);

    default boolean permanent() {
        return this instanceof Permanent;
    }
}
