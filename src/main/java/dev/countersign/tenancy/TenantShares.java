package dev.countersign.tenancy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How the connections of one lane are shared: a tenant gets another one while more are free than it has. One alone gets half of
/// them, and each further one half of what the others left, so that whatever a tenant waits for, the next still gets some. Of those who
/// may have what is given back, it is handed to who has waited longest: else who gives back and asks at once is always before who sleeps.
final class TenantShares {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<TenantId, Integer> taken = new HashMap<>();
    /// In the order in which they came. None of them may have what is free now.
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private int free;

    private static final class Waiting {
        private final TenantId tenant;
        private final Condition handed;
        private boolean served;

        private Waiting(TenantId tenant, Condition handed) {
            this.tenant = tenant;
            this.handed = handed;
        }
    }

    TenantShares(int connections) {
        free = connections;
    }

    /// Waits for at most `patience`; false when that was in vain.
    boolean take(TenantId tenant, Duration patience) {
        lock.lock();
        try {
            if (mayTake(tenant)) {
                hand(tenant);
                return true;
            }
            Waiting mine = new Waiting(tenant, lock.newCondition());
            waiting.add(mine);
            try {
                for (long left = patience.toNanos(); !mine.served && left > 0; ) {
                    left = mine.handed.awaitNanos(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            waiting.remove(mine);
            return mine.served;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayTake(TenantId tenant) {
        return taken.getOrDefault(tenant, 0) < free;
    }

    private void hand(TenantId tenant) {
        free--;
        taken.merge(tenant, 1, Integer::sum);
    }

    void giveBack(TenantId tenant) {
        lock.lock();
        try {
            free++;
            taken.computeIfPresent(tenant, (key, count) -> count == 1 ? null : count - 1);
            for (Iterator<Waiting> oldest = waiting.iterator(); free > 0 && oldest.hasNext(); ) {
                Waiting next = oldest.next();
                if (mayTake(next.tenant)) {
                    oldest.remove();
                    hand(next.tenant);
                    next.served = true;
                    next.handed.signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
