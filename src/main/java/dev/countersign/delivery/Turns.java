package dev.countersign.delivery;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/// The couriers of this replica go to the database in turn, `AT_ONCE` of them at a time, first come first served: however many
/// are under way, pages find a connection of the pool. None waits for its turn while it holds one, or while it talks to a cluster.
@Component
class Turns {
    static final int AT_ONCE = 4;

    private final Semaphore places = new Semaphore(AT_ONCE, true);

    <T> T take(Supplier<T> work) {
        places.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            places.release();
        }
    }

    /// About how many wait for their turn.
    int waiting() {
        return places.getQueueLength();
    }
}
