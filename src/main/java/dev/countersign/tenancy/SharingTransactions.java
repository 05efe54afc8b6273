package dev.countersign.tenancy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.DefaultTransactionStatus;

/// Transactions, each within the share that its tenant has of the connections of its lane. Throws `TenantBusy`.
class SharingTransactions extends JpaTransactionManager {
    private static final long serialVersionUID = 1L;

    private final transient Pools pools;
    /// Of this thread, the innermost first.
    private final transient ThreadLocal<Deque<Optional<Share>>> open = ThreadLocal.withInitial(ArrayDeque::new);

    private record Share(TenantShares shares, TenantId tenant) {}

    SharingTransactions(Pools pools) {
        this.pools = pools;
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        Optional<Share> share = CurrentTenant.find().map(this::take);
        try {
            super.doBegin(transaction, definition);
        } catch (RuntimeException | Error failed) {
            share.ifPresent(SharingTransactions::giveBack);
            throw failed;
        }
        open.get().push(share);
    }

    private Share take(TenantId tenant) {
        Turn turn = Turn.current();
        Share share = new Share(pools.shares(turn.lane()), tenant);
        long began = System.nanoTime();
        boolean taken = share.shares().take(tenant, turn.left(pools.patience(turn.lane())));
        turn.waited(Duration.ofNanos(System.nanoTime() - began));
        if (!taken) {
            turn.end();
            throw new TenantBusy(tenant);
        }
        return share;
    }

    /// PostgreSQL refuses no rollback: one that fails has lost its connection, and the database has rolled back what was open on it. So what
    /// ended the transaction is thrown, not what followed from it.
    @Override
    protected void doRollback(DefaultTransactionStatus status) {
        try {
            super.doRollback(status);
        } catch (TransactionException | DataAccessException gone) {
            if (!(NestedExceptionUtils.getMostSpecificCause(gone) instanceof SQLException)) {
                throw gone;
            }
        }
    }

    @Override
    protected void doCleanupAfterCompletion(Object transaction) {
        try {
            super.doCleanupAfterCompletion(transaction);
        } finally {
            Deque<Optional<Share>> mine = open.get();
            mine.pop().ifPresent(SharingTransactions::giveBack);
            if (mine.isEmpty()) {
                open.remove();
            }
        }
    }

    private static void giveBack(Share share) {
        share.shares().giveBack(share.tenant());
    }
}
