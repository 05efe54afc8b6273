package dev.countersign.catalog;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next attempt: doubling from half a second to half a minute, each time a random part of it,
/// so that the watches of many replicas do not come back at once. Never shorter than what the cluster asked for.
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    /// Rights and credentials change by people's hands.
    private static final Duration FORBIDDEN = Duration.ofSeconds(60);
    private Duration next = FIRST;

    Duration afterFailure(Optional<Duration> asked) {
        Duration wait = jittered(next);
        next = next.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : next.multipliedBy(2);
        return asked.filter(longer -> longer.compareTo(wait) > 0).map(longer -> longer.plus(jittered(FIRST))).orElse(wait);
    }

    Duration afterRefusal() {
        return jittered(FORBIDDEN);
    }

    void reset() {
        next = FIRST;
    }

    private static Duration jittered(Duration most) {
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(most.toNanos() / 2, most.toNanos() + 1));
    }
}
