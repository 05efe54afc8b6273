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
/// them, and each further one half of what the others left, so that whatever a tenant waits for, the next still gets some. Who gives back
/// and asks again at once is before who sleeps, which spares the switch between the two; but who has waited for `OVERTAKEN` is handed
/// what is given back, the longest waiting first.
final class TenantShares {
    static final Duration OVERTAKEN = Duration.ofMillis(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<TenantId, Integer> taken = new HashMap<>();
    /// In the order in which they came. Of those who may have what is free now some were woken, as many as there is.
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private final long overtaken;
    private int free;

    private static final class Waiting {
        private final TenantId tenant;
        private final Condition woken;
        private final long since = System.nanoTime();
        private boolean served;

        private Waiting(TenantId tenant, Condition woken) {
            this.tenant = tenant;
            this.woken = woken;
        }
    }

    TenantShares(int connections) {
        this(connections, OVERTAKEN);
    }

    TenantShares(int connections, Duration overtaken) {
        free = connections;
        this.overtaken = overtaken.toNanos();
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
                for (long left = patience.toNanos(); !mine.served && !mayTake(tenant) && left > 0; ) {
                    left = mine.woken.awaitNanos(left);
                    passOn(mine);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            waiting.remove(mine);
            if (!mine.served && mayTake(tenant)) {
                hand(tenant);
                return true;
            }
            passOn(mine);
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
            wake();
        } finally {
            lock.unlock();
        }
    }

    /// Where it was woken in vain somebody else may have what it may not.
    private void passOn(Waiting one) {
        if (!one.served && !mayTake(one.tenant)) {
            wake();
        }
    }

    private void wake() {
        int left = free;
        for (Iterator<Waiting> oldest = waiting.iterator(); left > 0 && oldest.hasNext(); ) {
            Waiting next = oldest.next();
            if (mayTake(next.tenant)) {
                left--;
                if (System.nanoTime() - next.since >= overtaken) {
                    oldest.remove();
                    hand(next.tenant);
                    next.served = true;
                }
                next.woken.signal();
            }
        }
    }
}
