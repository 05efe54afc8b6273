package dev.countersign.delivery;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/// The couriers of this replica go to the database in turn, `AT_ONCE` of them at a time, first come first served: however many
/// are under way, pages find a connection of the pool. None waits for its turn while it holds one, or while it talks to a cluster.
@Component
class Turns {
    static final int AT_ONCE = 4;

    private final Semaphore places = new Semaphore(AT_ONCE, true);
    private final AtomicInteger waiting = new AtomicInteger();

    <T> T take(Supplier<T> work) {
        whileWaiting(places::acquireUninterruptibly);
        try {
            return work.get();
        } finally {
            places.release();
        }
    }

    /// What is waited for here counts as waiting for a turn.
    void whileWaiting(Runnable wait) {
        waiting.incrementAndGet();
        try {
            wait.run();
        } finally {
            waiting.decrementAndGet();
        }
    }

    /// How many could go at once.
    int places() {
        return places.availablePermits();
    }

    /// About how many wait for their turn.
    int waiting() {
        return waiting.get();
    }
}
