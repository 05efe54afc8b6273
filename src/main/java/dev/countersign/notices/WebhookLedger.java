package dev.countersign.notices;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The rows of the current tenant's webhooks. Whoever changes one holds it first.
@Component
class WebhookLedger {
    private final JdbcClient jdbc;
    private final WebhookSecrets secrets;
    private final AuditLog audit;

    WebhookLedger(JdbcClient jdbc, WebhookSecrets secrets, AuditLog audit) {
        this.jdbc = jdbc;
        this.secrets = secrets;
        this.audit = audit;
    }

    /// Keeps everybody else out of the webhook until the transaction ends. False where it is gone.
    boolean hold(UUID webhook) {
        return jdbc.sql("""
                        select true
                        from webhook_cursor c
                        join webhook w on w.tenant_id = c.tenant_id and w.id = c.webhook_id
                        where c.tenant_id = ?
                          and c.webhook_id = ?
                          and w.removed_at is null
                        for update of c""")
                .params(CurrentTenant.require().value(), webhook)
                .query(Boolean.class)
                .optional()
                .isPresent();
    }

    List<Webhook> all() {
        return spec(COLUMNS + " order by w.number").query(this::webhook).list();
    }

    Optional<Webhook> find(long number) {
        return spec(COLUMNS + " and w.number = :number").param("number", number).query(this::webhook).optional();
    }

    int count() {
        return spec("select count(*) from webhook where tenant_id = :tenant and removed_at is null").query(Integer.class).single();
    }

    /// The record is held: numbers are given one after another.
    long nextNumber() {
        return spec("select coalesce(max(number), 0) + 1 from webhook where tenant_id = :tenant").query(Long.class).single();
    }

    /// From the entry `after` on.
    void write(UUID id, long number, String name, ReceiverAddress address, List<EventKind> kinds, byte[] secret, long after) {
        spec("""
                        insert into webhook (tenant_id, id, number, name, origin, url, secret, kinds)
                        values (:tenant, :id, :number, :name, :origin, :url, :secret, :kinds)""")
                .param("id", id)
                .param("number", number)
                .param("name", name)
                .param("origin", address.origin())
                .param("url", secrets.sealUrl(id, address.uri().toString()))
                .param("secret", secrets.sealSecret(id, secret))
                .param("kinds", entries(kinds))
                .update();
        spec("insert into webhook_cursor (tenant_id, webhook_id, seq) values (:tenant, :id, :seq)").param("id", id).param("seq", after).update();
    }

    /// Another address is asked at once, whatever the one before it had wanted.
    void change(UUID id, String name, ReceiverAddress address, List<EventKind> kinds) {
        spec("""
                        update webhook
                        set name = :name,
                            origin = :origin,
                            url = :url,
                            kinds = :kinds,
                            version = version + 1
                        where tenant_id = :tenant
                          and id = :id""")
                .param("name", name)
                .param("origin", address.origin())
                .param("url", secrets.sealUrl(id, address.uri().toString()))
                .param("kinds", entries(kinds))
                .param("id", id)
                .update();
        spec("update webhook_cursor set silent = 0, rest_until = now() where tenant_id = :tenant and webhook_id = :id").param("id", id).update();
    }

    void rotate(UUID id, byte[] secret) {
        spec("""
                        update webhook
                        set former_secret = secret,
                            former_until = now() + interval '24 hours',
                            secret = :secret,
                            version = version + 1
                        where tenant_id = :tenant
                          and id = :id""")
                .param("secret", secrets.sealSecret(id, secret))
                .param("id", id)
                .update();
    }

    void disable(UUID id, Webhook.DisabledAs as) {
        spec("update webhook set disabled_at = now(), disabled_as = :as, version = version + 1 where tenant_id = :tenant and id = :id")
                .param("as", as.name())
                .param("id", id)
                .update();
    }

    /// What was recorded meanwhile is not told; what waited is tried for an hour at least.
    void enable(UUID id) {
        spec("update webhook set disabled_at = null, disabled_as = null, version = version + 1 where tenant_id = :tenant and id = :id").param("id", id).update();
        spec("""
                        update webhook_cursor
                        set seq = (select coalesce(max(e.seq), 0) from audit_entry e where e.tenant_id = :tenant),
                            silent = 0,
                            rest_until = now()
                        where tenant_id = :tenant
                          and webhook_id = :id""").param("id", id).update();
        spec("""
                        update webhook_delivery
                        set due_at = case when due_at is null then null else now() end,
                            give_up_at = greatest(give_up_at, now() + interval '1 hour')
                        where tenant_id = :tenant
                          and webhook_id = :id
                          and state = 'WAITING'""").param("id", id).update();
    }

    /// Nothing is sent from now on, and what it could be sent with is gone; the deliveries are cleared away by and by.
    void remove(UUID id) {
        spec("""
                        update webhook
                        set removed_at = now(),
                            url = null,
                            secret = null,
                            former_secret = null,
                            former_until = null,
                            version = version + 1
                        where tenant_id = :tenant
                          and id = :id""").param("id", id).update();
    }

    /// The receiver says that it is no more; held.
    void gone(UUID id, Actor by) {
        Webhook webhook = spec(COLUMNS + " and w.id = :id").param("id", id).query(this::webhook).single();
        if (webhook.disabled().isEmpty()) {
            disable(id, Webhook.DisabledAs.GONE);
            audit.append(new AuditEvent("webhook.disabled", by, webhook.subject(), "switched webhook " + webhook.number() + " off: " + webhook.origin() + " answered 410 Gone",
                    new SwitchFact(webhook.number(), webhook.origin(), Webhook.DisabledAs.GONE.name())));
        }
    }

    record SwitchFact(long number, String origin, String as) {}

    private static final String COLUMNS = """
            select w.id, w.number, w.name, w.url, w.origin, w.kinds, w.version, w.registered_at, w.disabled_at, w.disabled_as,
                   case when w.former_until > now() then w.former_until end as former_until,
                   c.silent, s.waiting, s.behind, s.dead,
                   case when s.due_at is not null then greatest(s.due_at, c.rest_until) end as next_at
            from webhook w
            join webhook_cursor c on c.tenant_id = w.tenant_id and c.webhook_id = w.id
            cross join lateral (
                select count(*) filter (where d.state = 'WAITING') as waiting,
                       count(*) filter (where d.state = 'WAITING' and d.due_at is null) as behind,
                       count(*) filter (where d.state = 'DEAD') as dead,
                       min(d.due_at) filter (where d.state = 'WAITING' and d.lease_until is null) as due_at
                from webhook_delivery d
                where d.tenant_id = w.tenant_id
                  and d.webhook_id = w.id
                  and d.state in ('WAITING', 'DEAD')) s
            where w.tenant_id = :tenant
              and w.removed_at is null""";

    private Webhook webhook(ResultSet row, int ignored) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        return new Webhook(id, row.getLong("number"), row.getString("name"), secrets.openUrl(id, row.getBytes("url")), row.getString("origin"),
                Arrays.stream((String[]) row.getArray("kinds").getArray()).flatMap(kind -> EventKind.ofEntry(kind).stream()).toList(), row.getInt("version"),
                time(row, "registered_at").orElseThrow(),
                time(row, "disabled_at").isEmpty() ? Optional.empty()
                        : Optional.of(new Webhook.Disabled(time(row, "disabled_at").get(), Webhook.DisabledAs.valueOf(row.getString("disabled_as")))),
                time(row, "former_until"),
                new Webhook.Standing(row.getInt("waiting"), row.getInt("behind"), row.getInt("dead"), time(row, "next_at"), row.getInt("silent")));
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static String[] entries(List<EventKind> kinds) {
        return kinds.stream().sorted().map(EventKind::entry).toArray(String[]::new);
    }

    private JdbcClient.StatementSpec spec(String sql) {
        return jdbc.sql(sql).param("tenant", CurrentTenant.require().value());
    }
}
