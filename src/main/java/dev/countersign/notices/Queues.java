package dev.countersign.notices;

import dev.countersign.tenancy.CurrentTenant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The queues of one webhook: one for each subject of the record, in the order of its entries. A delivery waits in the queues of all
/// that its entry is about, and is due only while it is the first in each. Whoever calls holds the webhook (`WebhookLedger.hold`).
@Component
class Queues {
    private final JdbcClient jdbc;

    Queues(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Puts the deliveries of these entries into their queues; `release` makes those due that are the first there. Answers the queues.
    List<String> enter(UUID webhook, Collection<Long> entries) {
        return spec("""
                        insert into webhook_turn (tenant_id, webhook_id, subject, seq)
                        select :tenant, :webhook, about.subject, about.seq
                        from (
                            select e.seq, e.subject_kind || ' ' || e.subject_id as subject
                            from audit_entry e
                            where e.tenant_id = :tenant
                              and e.seq = any (:entries)
                            union
                            select m.seq, m.subject_kind || ' ' || m.subject_id
                            from audit_mention m
                            where m.tenant_id = :tenant
                              and m.seq = any (:entries)) about
                        returning subject""", webhook)
                .param("entries", entries.toArray(Long[]::new))
                .query(String.class)
                .list();
    }

    /// Takes ended deliveries out of their queues. Answers the queues.
    List<String> leave(UUID webhook, Collection<Long> entries) {
        return spec("""
                        delete from webhook_turn
                        where tenant_id = :tenant
                          and webhook_id = :webhook
                          and seq = any (:entries)
                        returning subject""", webhook)
                .param("entries", entries.toArray(Long[]::new))
                .query(String.class)
                .list();
    }

    /// Makes those due that are the first in all their queues by now. Each has an hour at least, however long it waited.
    void release(UUID webhook, Collection<String> queues) {
        spec("""
                        update webhook_delivery d
                        set due_at = now(),
                            give_up_at = greatest(d.give_up_at, now() + interval '1 hour')
                        where d.tenant_id = :tenant
                          and d.webhook_id = :webhook
                          and d.state = 'WAITING'
                          and d.due_at is null
                          and d.seq in (select first.seq
                                        from unnest(:queues) as queue (subject)
                                        cross join lateral (
                                            select t.seq
                                            from webhook_turn t
                                            where t.tenant_id = :tenant
                                              and t.webhook_id = :webhook
                                              and t.subject = queue.subject
                                            order by t.seq
                                            limit 1) first)
                          and not\s""" + BEHIND_ANOTHER, webhook)
                .param("queues", queues.stream().distinct().toArray(String[]::new))
                .update();
    }

    /// Lets those wait again that are no longer the first, unless they are under way.
    void block(UUID webhook, Collection<String> queues) {
        spec("""
                        update webhook_delivery d
                        set due_at = null
                        where d.tenant_id = :tenant
                          and d.webhook_id = :webhook
                          and d.state = 'WAITING'
                          and d.due_at is not null
                          and d.lease_until is null
                          and d.seq in (select t.seq
                                        from webhook_turn t
                                        where t.tenant_id = :tenant
                                          and t.webhook_id = :webhook
                                          and t.subject = any (:queues))
                          and\s""" + BEHIND_ANOTHER, webhook)
                .param("queues", queues.stream().distinct().toArray(String[]::new))
                .update();
    }

    /// Of a delivery `d`: an earlier one stands in one of its queues.
    static final String BEHIND_ANOTHER = """
            exists (select
                    from webhook_turn mine
                    join webhook_turn earlier on earlier.tenant_id = mine.tenant_id
                        and earlier.webhook_id = mine.webhook_id
                        and earlier.subject = mine.subject
                        and earlier.seq < mine.seq
                    where mine.tenant_id = d.tenant_id
                      and mine.webhook_id = d.webhook_id
                      and mine.seq = d.seq)""";

    private JdbcClient.StatementSpec spec(String sql, UUID webhook) {
        return jdbc.sql(sql).param("tenant", CurrentTenant.require().value()).param("webhook", webhook);
    }
}
