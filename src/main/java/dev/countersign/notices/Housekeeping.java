package dev.countersign.notices;

import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Clears away what is over, and gives up what its receiver left unanswered for too long; in small transactions, so that nobody waits
/// for them. Delivered and discarded events are kept for 7 days, dead letters for 30, those of a removed webhook not at all.
@Component
class Housekeeping {
    static final Duration EVERY = Duration.ofMinutes(5);
    private static final int BATCH = 500;
    private static final int BATCHES = 40;

    private final JdbcClient jdbc;
    private final Outbox outbox;
    private final TransactionTemplate transaction;

    Housekeeping(JdbcClient jdbc, Outbox outbox, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// Once over the current tenant.
    void round() {
        List<UUID> silent = ids("""
                select w.id
                from webhook w
                join webhook_cursor c on c.tenant_id = w.tenant_id and c.webhook_id = w.id
                where w.tenant_id = ?
                  and w.removed_at is null
                  and w.disabled_at is null
                  and c.silent > 0""");
        silent.forEach(webhook -> repeat(() -> outbox.giveUp(webhook, BATCH)));
        repeat(() -> clear(Optional.empty()));
        ids("""
                select w.id
                from webhook w
                join webhook_cursor c on c.tenant_id = w.tenant_id and c.webhook_id = w.id
                where w.tenant_id = ?
                  and w.removed_at is not null""").forEach(this::clearRemoved);
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        update webhook
                        set former_secret = null,
                            former_until = null
                        where tenant_id = ?
                          and former_until < now()""")
                .param(CurrentTenant.require().value())
                .update());
    }

    /// The cursor goes last: it says that there may be something left.
    private void clearRemoved(UUID webhook) {
        repeat(() -> clear(Optional.of(webhook)));
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        delete from webhook_cursor c
                        where (c.tenant_id, c.webhook_id) = (?, ?)
                          and not exists (select from webhook_delivery d where (d.tenant_id, d.webhook_id) = (c.tenant_id, c.webhook_id))""")
                .params(CurrentTenant.require().value(), webhook)
                .update());
    }

    private static void repeat(IntSupplier batch) {
        int done = BATCH;
        for (int i = 0; i < BATCHES && done == BATCH; i++) {
            done = batch.getAsInt();
        }
    }

    /// A batch of what is over; of one webhook that was removed, everything.
    private int clear(Optional<UUID> removed) {
        return Objects.requireNonNull(transaction.execute(status -> {
            List<Doomed> doomed = jdbc.sql("""
                            select d.webhook_id, d.seq
                            from webhook_delivery d
                            where d.tenant_id = :tenant
                              and case
                                  when :removed::uuid is not null then d.webhook_id = :removed::uuid
                                  else d.state in ('DELIVERED', 'DISCARDED') and d.state_since < now() - interval '7 days'
                                      or d.state = 'DEAD' and d.state_since < now() - interval '30 days'
                              end
                              and (:removed::uuid is not null or d.state <> 'WAITING' and d.state_since < now() - interval '7 days')
                            limit :batch
                            for update skip locked""")
                    .param("tenant", CurrentTenant.require().value())
                    .param("removed", removed.orElse(null))
                    .param("batch", BATCH)
                    .query((row, number) -> new Doomed(row.getObject(1, UUID.class), row.getLong(2)))
                    .list();
            delete("delete from webhook_attempt" + OF_THESE, doomed);
            delete("delete from webhook_turn" + OF_THESE, doomed);
            delete("delete from webhook_delivery" + OF_THESE, doomed);
            return doomed.size();
        }));
    }

    private static final String OF_THESE = " where tenant_id = :tenant and (webhook_id, seq) in (select * from unnest(:webhooks::uuid[], :entries::bigint[]))";

    private void delete(String sql, List<Doomed> doomed) {
        jdbc.sql(sql)
                .param("tenant", CurrentTenant.require().value())
                .param("webhooks", doomed.stream().map(Doomed::webhook).toArray(UUID[]::new))
                .param("entries", doomed.stream().map(Doomed::seq).toArray(Long[]::new))
                .update();
    }

    private record Doomed(UUID webhook, long seq) {}

    private List<UUID> ids(String sql) {
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql(sql).param(CurrentTenant.require().value()).query(UUID.class).list()));
    }
}
