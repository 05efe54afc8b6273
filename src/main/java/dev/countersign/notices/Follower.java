package dev.countersign.notices;

import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Follows the record for the webhooks of the current tenant: what is new of the wanted kinds becomes deliveries, once for each webhook,
/// in the order of the record. A webhook with many events that wait is followed no further until there are fewer: the record keeps the rest.
@Component
class Follower {
    static final int BATCH = 200;
    static final int MOST_WAITING = 10_000;

    private final JdbcClient jdbc;
    private final Queues queues;
    private final EventBody body;

    Follower(JdbcClient jdbc, Queues queues, EventBody body) {
        this.jdbc = jdbc;
        this.queues = queues;
        this.body = body;
    }

    /// Whether the tenant has a webhook that is told anything.
    @Transactional(readOnly = true)
    public boolean isWanted() {
        return jdbc.sql("select exists (select from webhook where tenant_id = ? and disabled_at is null and removed_at is null)")
                .param(CurrentTenant.require().value())
                .query(Boolean.class)
                .single();
    }

    /// The enabled webhooks of which something new is in the record.
    @Transactional(readOnly = true)
    public List<UUID> behind() {
        return jdbc.sql("""
                        select w.id
                        from webhook w
                        join webhook_cursor c on c.tenant_id = w.tenant_id and c.webhook_id = w.id
                        where w.tenant_id = :tenant
                          and w.disabled_at is null
                          and w.removed_at is null
                          and c.seq < (select e.seq
                                       from audit_entry e
                                       where e.tenant_id = :tenant
                                       order by e.seq desc
                                       limit 1)""")
                .param("tenant", CurrentTenant.require().value())
                .query(UUID.class)
                .list();
    }

    /// Takes the next entries for one webhook. True where there may be more. Leaves a webhook alone that somebody else is at.
    @Transactional
    public boolean follow(Tenant tenant, UUID webhook) {
        record Following(long seq, String[] kinds) {}
        Optional<Following> held = jdbc.sql("""
                        select c.seq, w.kinds
                        from webhook_cursor c
                        join webhook w on w.tenant_id = c.tenant_id and w.id = c.webhook_id
                        where c.tenant_id = :tenant
                          and c.webhook_id = :webhook
                          and w.disabled_at is null
                          and w.removed_at is null
                        for update of c skip locked""")
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", webhook)
                .query((row, number) -> new Following(row.getLong("seq"), (String[]) row.getArray("kinds").getArray()))
                .optional();
        if (held.isEmpty() || waiting(webhook) >= MOST_WAITING) {
            return false;
        }
        List<Read> entries = read(held.get().seq(), held.get().kinds());
        if (entries.isEmpty()) {
            return false;
        }
        List<EventBody.Entry> wanted = entries.stream().flatMap(entry -> entry.wanted().stream()).toList();
        wanted.forEach(entry -> queue(webhook, entry.seq(), entry.kind(), body.of(tenant, entry)));
        if (!wanted.isEmpty()) {
            queues.release(webhook, queues.enter(webhook, wanted.stream().map(EventBody.Entry::seq).toList()));
        }
        jdbc.sql("update webhook_cursor set seq = ? where tenant_id = ? and webhook_id = ?")
                .params(entries.getLast().seq(), CurrentTenant.require().value(), webhook)
                .update();
        return entries.size() == BATCH;
    }

    /// Queues the entry of a test for this webhook alone, in the transaction that appended it.
    @Transactional(propagation = Propagation.MANDATORY)
    public void test(Tenant tenant, Webhook webhook, long seq) {
        OffsetDateTime at = jdbc.sql("select at from audit_entry where tenant_id = ? and seq = ?").params(tenant.id().value(), seq).query(OffsetDateTime.class).single();
        queue(webhook.id(), seq, EventKind.TEST, body.of(tenant, new EventBody.Entry(seq, at.toInstant(), EventKind.TEST, webhook.subject(), List.of(), webhook.number(),
                null, null, null, null, null, null, null, List.of())));
        queues.release(webhook.id(), queues.enter(webhook.id(), List.of(seq)));
    }

    private int waiting(UUID webhook) {
        return jdbc.sql("select count(*) from (select from webhook_delivery where tenant_id = ? and webhook_id = ? and state = 'WAITING' limit ?) waiting")
                .params(CurrentTenant.require().value(), webhook, MOST_WAITING)
                .query(Integer.class)
                .single();
    }

    private void queue(UUID webhook, long seq, String kind, String text) {
        jdbc.sql("insert into webhook_delivery (tenant_id, webhook_id, seq, kind, body) values (?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), webhook, seq, kind, text)
                .update();
    }

    /// An entry of the record; empty where its kind is not wanted.
    private record Read(long seq, Optional<EventBody.Entry> wanted) {}

    /// Of a content, which may be long and name people, only what an event says leaves the database.
    private List<Read> read(long after, String[] kinds) {
        return jdbc.sql("""
                        select e.seq, e.at, e.kind, e.subject_kind, e.subject_id,
                               e.kind = any (:kinds) as wanted,
                               c.fact ->> 'number' as number,
                               c.fact ->> 'version' as version,
                               coalesce(c.fact ->> 'clusterName', c.fact ->> 'cluster') as cluster,
                               c.fact ->> 'namespace' as namespace,
                               case when e.subject_kind = 'policy' then coalesce(c.fact ->> 'policy', c.fact ->> 'name') end as policy,
                               c.fact ->> 'workload' as workload,
                               c.fact ->> 'revision' as revision,
                               c.fact ->> 'wave' as wave,
                               array(select m.subject_id::bigint
                                     from audit_mention m
                                     where m.tenant_id = :tenant
                                       and m.seq = e.seq
                                       and m.subject_kind = 'request'
                                     union
                                     select e.subject_id::bigint where e.subject_kind = 'request'
                                     order by 1) as requests,
                               array(select (grants.one ->> 'number')::bigint
                                     from jsonb_array_elements(case when jsonb_typeof(c.fact -> 'grants' -> 0) = 'object' then c.fact -> 'grants' end) as grants (one)
                                     order by 1) as grants
                        from (select a.*
                              from audit_entry a
                              where a.tenant_id = :tenant
                                and a.seq > :after
                              order by a.seq
                              limit :batch) e
                        left join lateral (select e.content::jsonb -> 'content' as fact where e.kind = any (:kinds)) c on true
                        order by e.seq""")
                .param("kinds", kinds)
                .param("tenant", CurrentTenant.require().value())
                .param("after", after)
                .param("batch", BATCH)
                .query(Follower::entry)
                .list();
    }

    private static Read entry(ResultSet row, int ignored) throws SQLException {
        long seq = row.getLong("seq");
        return new Read(seq, !row.getBoolean("wanted") ? Optional.empty() : Optional.of(new EventBody.Entry(seq, row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("kind"), new Subject(row.getString("subject_kind"), row.getString("subject_id")), numbers(row, "requests"), number(row, "number"),
                whole(row, "version"), row.getString("cluster"), row.getString("namespace"), row.getString("policy"), row.getString("workload"), number(row, "revision"),
                whole(row, "wave"), numbers(row, "grants"))));
    }

    private static List<Long> numbers(ResultSet row, String column) throws SQLException {
        return Arrays.stream((Long[]) row.getArray(column).getArray()).filter(Objects::nonNull).toList();
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null || !text.matches("[0-9]{1,18}") ? null : Long.valueOf(text);
    }

    private static @Nullable Integer whole(ResultSet row, String column) throws SQLException {
        Long number = number(row, column);
        return number == null || number > Integer.MAX_VALUE ? null : Integer.valueOf(number.intValue());
    }
}
