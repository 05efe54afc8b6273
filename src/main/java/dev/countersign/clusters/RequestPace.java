package dev.countersign.clusters;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// How fast this replica asks one cluster, whoever asks: `perSecond` requests a second in the long run, and never more than twice that in
/// any one second. Who is too fast waits, in the order of asking. What the cluster asks of us by Retry-After holds at once for
/// those who are under way already; the breaker of deliveries then keeps to the whole of it.
final class RequestPace {
    private static final long SECOND = 1_000_000_000L;
    /// Until the breaker of the cluster is open.
    private static final long HELD = SECOND;

    private final long interval;
    /// How far ahead of an even pace one may be. A tenth less than a second: requests do not arrive as evenly as they leave.
    private final long ahead;
    private final LongSupplier nanoTime;
    private long next;
    private long heldUntil;

    /// `perSecond` is at least 1.
    RequestPace(int perSecond, LongSupplier nanoTime) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("countersign.clusters.requests-per-second must be at least 1, it is " + perSecond);
        }
        interval = SECOND / perSecond;
        ahead = interval * (Math.max(1, perSecond * 9 / 10) - 1);
        this.nanoTime = nanoTime;
        next = nanoTime.getAsLong() - ahead;
        heldUntil = nanoTime.getAsLong();
    }

    /// The place of one request: how long to wait before it is sent. It counts, sent or not.
    synchronized Duration take() {
        long now = nanoTime.getAsLong();
        if (next - (now - ahead) < 0) {
            next = now - ahead;
        }
        long wait = Math.max(0, next - now);
        next += interval;
        return Duration.ofNanos(wait);
    }

    /// The cluster asked for time.
    synchronized void hold(Duration wish) {
        heldUntil = nanoTime.getAsLong() + Math.min(HELD, wish.toNanos());
    }

    /// How long it is to be left alone still; empty where it is not.
    synchronized Optional<Duration> held() {
        long left = heldUntil - nanoTime.getAsLong();
        return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
    }
}
