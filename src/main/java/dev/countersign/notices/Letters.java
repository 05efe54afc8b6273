package dev.countersign.notices;

import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The deliveries of a webhook, for whoever looks at them and decides on those that were given up.
@Component
class Letters {
    static final int MOST_AT_ONCE = 1_000;

    private final JdbcClient jdbc;
    private final Queues queues;

    Letters(JdbcClient jdbc, Queues queues) {
        this.jdbc = jdbc;
        this.queues = queues;
    }

    /// The newest first, those with an entry below `before`.
    List<WebhookDelivery> list(UUID webhook, Set<WebhookDelivery.State> states, long before, int limit) {
        return spec(COLUMNS + """
                          and d.seq < :before
                          and (cardinality(:states::text[]) = 0 or d.state = any (:states::text[]))
                        order by d.seq desc
                        limit :limit""", webhook)
                .param("before", before)
                .param("states", states.stream().map(Enum::name).toArray(String[]::new))
                .param("limit", limit)
                .query(Letters::delivery)
                .list();
    }

    Optional<WebhookDelivery.Story> story(UUID webhook, long entry) {
        return spec(COLUMNS + " and d.seq = :entry", webhook).param("entry", entry).query(Letters::delivery).optional()
                .map(delivery -> new WebhookDelivery.Story(delivery, spec("""
                                select at, millis, status, words
                                from webhook_attempt
                                where tenant_id = :tenant
                                  and webhook_id = :webhook
                                  and seq = :entry
                                order by fence desc
                                limit 100""", webhook)
                        .param("entry", entry)
                        .query((row, number) -> attempt(row))
                        .list()));
    }

    /// The latest attempts of a webhook, whatever they were for.
    List<WebhookDelivery.Recent> recent(UUID webhook, int limit) {
        return spec("""
                        select a.seq, d.kind, a.at, a.millis, a.status, a.words
                        from webhook_attempt a
                        join webhook_delivery d on d.tenant_id = a.tenant_id and d.webhook_id = a.webhook_id and d.seq = a.seq
                        where a.tenant_id = :tenant
                          and a.webhook_id = :webhook
                        order by a.at desc, a.seq desc
                        limit :limit""", webhook)
                .param("limit", limit)
                .query((row, number) -> new WebhookDelivery.Recent(row.getLong("seq"), EventKind.type(row.getString("kind")), attempt(row)))
                .list();
    }

    /// Queues dead letters again, all of them or one, at most `MOST_AT_ONCE`, the earliest first; what of their subjects is not sent yet
    /// waits for them. Answers their entries. The webhook is held.
    List<Long> sendAgain(UUID webhook, Optional<Long> one) {
        List<Long> letters = spec("""
                        update webhook_delivery d
                        set state = 'WAITING',
                            state_since = now(),
                            attempts = 0,
                            give_up_at = now() + interval '3 days'
                        where d.tenant_id = :tenant
                          and d.webhook_id = :webhook
                          and d.seq in (select l.seq
                                        from webhook_delivery l
                                        where l.tenant_id = :tenant
                                          and l.webhook_id = :webhook
                                          and l.state = 'DEAD'
                                          and (:one::bigint is null or l.seq = :one::bigint)
                                        order by l.seq
                                        limit :most)
                        returning d.seq""", webhook)
                .param("one", one.orElse(null))
                .param("most", MOST_AT_ONCE)
                .query(Long.class)
                .list();
        if (!letters.isEmpty()) {
            List<String> entered = queues.enter(webhook, letters);
            queues.block(webhook, entered);
            queues.release(webhook, entered);
        }
        return letters.stream().sorted().toList();
    }

    /// Ends one that was given up, or waits and is not under way. False where it is neither. The webhook is held.
    boolean discard(UUID webhook, long entry) {
        int discarded = spec("""
                        update webhook_delivery
                        set state = 'DISCARDED',
                            state_since = now(),
                            due_at = null,
                            lease_until = null
                        where tenant_id = :tenant
                          and webhook_id = :webhook
                          and seq = :entry
                          and (state = 'DEAD' or state = 'WAITING' and (lease_until is null or lease_until < now()))""", webhook)
                .param("entry", entry)
                .update();
        if (discarded == 1) {
            queues.release(webhook, queues.leave(webhook, List.of(entry)));
        }
        return discarded == 1;
    }

    int dead(UUID webhook) {
        return spec("select count(*) from webhook_delivery where tenant_id = :tenant and webhook_id = :webhook and state = 'DEAD'", webhook).query(Integer.class).single();
    }

    private static final String COLUMNS = """
            select d.seq, d.kind, d.body, d.state, d.state_since, d.attempts, d.give_up_at,
                   case when d.due_at is not null then greatest(d.due_at, c.rest_until) end as due_at,
                   d.state = 'WAITING' and d.due_at is null as behind,
                   a.at, a.millis, a.status, a.words
            from webhook_delivery d
            join webhook_cursor c on c.tenant_id = d.tenant_id and c.webhook_id = d.webhook_id
            left join lateral (
                select *
                from webhook_attempt t
                where t.tenant_id = d.tenant_id
                  and t.webhook_id = d.webhook_id
                  and t.seq = d.seq
                order by t.fence desc
                limit 1) a on true
            where d.tenant_id = :tenant
              and d.webhook_id = :webhook
            """;

    private static WebhookDelivery delivery(ResultSet row, int ignored) throws SQLException {
        return new WebhookDelivery(row.getLong("seq"), EventBody.id(CurrentTenant.require(), row.getLong("seq")), EventKind.type(row.getString("kind")), row.getString("body"),
                WebhookDelivery.State.valueOf(row.getString("state")), WebhookLedger.time(row, "state_since").orElseThrow(), row.getInt("attempts"),
                WebhookLedger.time(row, "due_at"), row.getBoolean("behind"), WebhookLedger.time(row, "give_up_at").orElseThrow(),
                WebhookLedger.time(row, "at").isEmpty() ? Optional.empty() : Optional.of(attempt(row)));
    }

    private static WebhookDelivery.Attempt attempt(ResultSet row) throws SQLException {
        return new WebhookDelivery.Attempt(WebhookLedger.time(row, "at").orElseThrow(), row.getLong("millis"), Optional.ofNullable((Integer) row.getObject("status")),
                row.getString("words"));
    }

    private JdbcClient.StatementSpec spec(String sql, UUID webhook) {
        return jdbc.sql(sql).param("tenant", CurrentTenant.require().value()).param("webhook", webhook);
    }
}
