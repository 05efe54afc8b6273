package dev.countersign.tenancy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How the connections of one lane are shared: a tenant gets another one while more are free than it has. One alone gets half of
/// them, and each further one half of what the others left, so that whatever a tenant waits for, the next still gets some.
final class TenantShares {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private final Map<TenantId, Integer> taken = new HashMap<>();
    private int free;

    TenantShares(int connections) {
        free = connections;
    }

    /// Waits for at most `patience`; false when that was in vain.
    boolean take(TenantId tenant, Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (taken.getOrDefault(tenant, 0) >= free) {
                if (left <= 0) {
                    return false;
                }
                left = returned.awaitNanos(left);
            }
            free--;
            taken.merge(tenant, 1, Integer::sum);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(TenantId tenant) {
        lock.lock();
        try {
            free++;
            taken.computeIfPresent(tenant, (key, count) -> count == 1 ? null : count - 1);
            returned.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
