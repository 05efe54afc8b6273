package dev.countersign.notices;

import dev.countersign.audit.RecordFollowers;
import dev.countersign.tenancy.TenantId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Wakes the loop of this replica: something was recorded here, something may be sent, or a place became free. A wake-up that is lost
/// costs one sweep.
@Component
class NoticeBell {
    private final Set<TenantId> rung = ConcurrentHashMap.newKeySet();
    private final Semaphore sound = new Semaphore(0);

    NoticeBell(RecordFollowers followers) {
        followers.add(this::ring);
    }

    void ring(TenantId tenant) {
        if (rung.add(tenant)) {
            sound.release();
        }
    }

    void afterCommit(TenantId tenant) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                ring(tenant);
            }
        });
    }

    /// Those it was rung for since the last call, each once; waits at most `millis` for the first.
    Set<TenantId> await(long millis) throws InterruptedException {
        sound.tryAcquire(Math.max(0, millis), TimeUnit.MILLISECONDS);
        sound.drainPermits();
        Set<TenantId> heard = Set.copyOf(rung);
        rung.removeAll(heard);
        return heard;
    }
}
