package dev.countersign.audit;

import dev.countersign.tenancy.TenantId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Who wants to be told that this replica appended something to a tenant's record, once it is committed: a reason to look, not the
/// truth. Whoever is told returns at once, and looks on a thread of their own.
@Component
public class RecordFollowers {
    private final List<Consumer<TenantId>> followers = new CopyOnWriteArrayList<>();

    public void add(Consumer<TenantId> follower) {
        followers.add(follower);
    }

    void afterCommit(TenantId tenant) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                followers.forEach(follower -> follower.accept(tenant));
            }
        });
    }
}
