package dev.countersign.requests;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A `GrantPeriod` from its two columns.
final class Periods {
    private Periods() {}

    static GrantPeriod of(@Nullable Long minutes, @Nullable Instant until) {
        if (minutes != null) {
            return new GrantPeriod.For(Duration.ofMinutes(minutes));
        }
        return until == null ? new GrantPeriod.Permanent() : new GrantPeriod.Until(until);
    }
}
