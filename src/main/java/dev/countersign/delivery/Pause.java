package dev.countersign.delivery;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/// How long to wait before the next try.
public final class Pause {
    private Pause() {}

    /// After so many tries in vain: half a second doubling to `longest`, then spread over a quarter more, so that many do not come
    /// back together.
    public static Duration after(int attempts, Duration longest) {
        return after(attempts, longest, ThreadLocalRandom.current());
    }

    static Duration after(int attempts, Duration longest, RandomGenerator chance) {
        return spread(Duration.ofMillis(Math.min(longest.toMillis(), 500L << Math.min(attempts, 10))), chance);
    }

    static Duration spread(Duration time, RandomGenerator chance) {
        return time.plusMillis(chance.nextLong(time.toMillis() / 4 + 1));
    }
}
