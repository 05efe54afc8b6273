package dev.countersign.notices;

import dev.countersign.audit.Actor;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// The deliveries of the current tenant that are due: claimed by row lock and lease for one attempt at a time, and what became of it
/// written down by whoever still holds the claim. All times are the database's.
@Component
class Outbox {
    /// Longer than an attempt takes with everything around it.
    static final Duration LEASE = Duration.ofSeconds(60);
    static final Actor WEBHOOKS = Actor.system("webhooks");

    private final JdbcClient jdbc;
    private final WebhookLedger ledger;
    private final WebhookSecrets secrets;
    private final Queues queues;

    Outbox(JdbcClient jdbc, WebhookLedger ledger, WebhookSecrets secrets, Queues queues) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.secrets = secrets;
        this.queues = queues;
    }

    /// The webhooks that have something due now; a receiver that wants to be left alone, or did not answer, has not. `silent`: it is asked
    /// one thing at a time until it answers.
    @Transactional(readOnly = true)
    public List<Due> due() {
        return jdbc.sql("""
                        select w.id, c.silent > 0 as silent
                        from webhook w
                        join webhook_cursor c on c.tenant_id = w.tenant_id and c.webhook_id = w.id
                        where w.tenant_id = :tenant
                          and w.disabled_at is null
                          and w.removed_at is null
                          and c.rest_until <= now()
                          and exists (select
                                      from webhook_delivery d
                                      where d.tenant_id = w.tenant_id
                                        and d.webhook_id = w.id
                                        and d.state = 'WAITING'
                                        and d.due_at <= now()
                                        and (d.lease_until is null or d.lease_until < now()))
                        order by c.rest_until""")
                .param("tenant", CurrentTenant.require().value())
                .query((row, number) -> new Due(row.getObject("id", UUID.class), row.getBoolean("silent")))
                .list();
    }

    record Due(UUID webhook, boolean silent) {}

    /// At most `limit` attempts for a webhook, those due longest first. What another claims at this moment is left to it; so is a silent
    /// receiver that another replica is asking.
    @Transactional
    public List<Claim> claim(UUID webhook, int limit) {
        return jdbc.sql("""
                        with due as (
                            select d.tenant_id, d.webhook_id, d.seq
                            from webhook_delivery d
                            join webhook w on w.tenant_id = d.tenant_id and w.id = d.webhook_id
                            join webhook_cursor c on c.tenant_id = d.tenant_id and c.webhook_id = d.webhook_id
                            where d.tenant_id = :tenant
                              and d.webhook_id = :webhook
                              and d.state = 'WAITING'
                              and d.due_at <= now()
                              and (d.lease_until is null or d.lease_until < now())
                              and w.disabled_at is null
                              and w.removed_at is null
                              and c.rest_until <= now()
                              and (c.silent = 0 or not exists (select
                                                               from webhook_delivery other
                                                               where other.tenant_id = d.tenant_id
                                                                 and other.webhook_id = d.webhook_id
                                                                 and other.state = 'WAITING'
                                                                 and other.lease_until >= now()))
                            order by d.due_at, d.seq
                            limit :limit
                            for update of d skip locked)
                        update webhook_delivery d
                        set lease_until = now() + make_interval(secs => :lease),
                            fence = d.fence + 1
                        from due
                        join webhook w on w.tenant_id = due.tenant_id and w.id = due.webhook_id
                        where (d.tenant_id, d.webhook_id, d.seq) = (due.tenant_id, due.webhook_id, due.seq)
                        returning d.webhook_id, d.seq, d.fence, d.attempts, d.body, w.origin, w.url, w.secret,
                                  case when w.former_until > now() then w.former_secret end as former_secret, now() as at""")
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", webhook)
                .param("limit", limit)
                .param("lease", LEASE.toSeconds())
                .query(this::claim)
                .list();
    }

    private Claim claim(ResultSet row, int ignored) throws SQLException {
        UUID webhook = row.getObject("webhook_id", UUID.class);
        List<byte[]> signing = new ArrayList<>(List.of(secrets.openSecret(webhook, row.getBytes("secret"))));
        byte[] former = row.getBytes("former_secret");
        if (former != null) {
            signing.add(secrets.openFormer(webhook, former));
        }
        return new Claim(webhook, row.getString("origin"), secrets.openUrl(webhook, row.getBytes("url")), List.copyOf(signing), row.getLong("seq"), row.getLong("fence"),
                row.getInt("attempts"), EventBody.id(CurrentTenant.require(), row.getLong("seq")), row.getString("body"), row.getObject("at", OffsetDateTime.class).toInstant());
    }

    /// Writes down what became of an attempt. False where the claim was no longer ours, or the delivery ended meanwhile: then only that
    /// it was tried is written.
    @Transactional
    public boolean record(Claim claim, Answered answered) {
        if (!ledger.hold(claim.webhook())) {
            return false;
        }
        attempt(claim, answered);
        boolean taken = answered instanceof Answered.Said said && said.taken();
        boolean ours = taken ? delivered(claim) : failed(claim, answered);
        receiver(claim, answered);
        if (answered instanceof Answered.Said said && said.gone()) {
            ledger.gone(claim.webhook(), WEBHOOKS);
        }
        return ours;
    }

    private void attempt(Claim claim, Answered answered) {
        jdbc.sql("""
                        insert into webhook_attempt (tenant_id, webhook_id, seq, fence, at, millis, status, words)
                        select d.tenant_id, d.webhook_id, d.seq, :fence, :at, :millis, :status::int, :words
                        from webhook_delivery d
                        where (d.tenant_id, d.webhook_id, d.seq) = (:tenant, :webhook, :seq)""")
                .param("fence", claim.fence())
                .param("at", claim.at().atOffset(java.time.ZoneOffset.UTC))
                .param("millis", (int) Math.min(Integer.MAX_VALUE, answered.took().toMillis()))
                .param("status", answered instanceof Answered.Said said ? said.status() : null)
                .param("words", answered.words())
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", claim.webhook())
                .param("seq", claim.seq())
                .update();
    }

    /// It was taken, whoever holds the claim by now.
    private boolean delivered(Claim claim) {
        int ended = jdbc.sql("""
                        update webhook_delivery
                        set state = 'DELIVERED',
                            state_since = now(),
                            attempts = attempts + 1,
                            due_at = null,
                            lease_until = null
                        where (tenant_id, webhook_id, seq) = (:tenant, :webhook, :seq)
                          and state in ('WAITING', 'DEAD')""")
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", claim.webhook())
                .param("seq", claim.seq())
                .update();
        if (ended == 1) {
            queues.release(claim.webhook(), queues.leave(claim.webhook(), List.of(claim.seq())));
        }
        return ended == 1;
    }

    /// Tried again later; or given up, once its time is over.
    private boolean failed(Claim claim, Answered answered) {
        Duration pause = Retry.after(claim.attempts() + 1, ThreadLocalRandom.current());
        Duration asked = answered instanceof Answered.Said said ? said.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
        boolean gone = answered instanceof Answered.Said said && said.gone();
        Optional<String> state = jdbc.sql("""
                        update webhook_delivery
                        set state = case when give_up_at <= now() and not :gone then 'DEAD' else 'WAITING' end,
                            state_since = case when give_up_at <= now() and not :gone then now() else state_since end,
                            attempts = attempts + 1,
                            due_at = case when give_up_at <= now() and not :gone then null
                                else greatest(least(now() + make_interval(secs => :pause), give_up_at), now() + make_interval(secs => :asked)) end,
                            lease_until = null
                        where (tenant_id, webhook_id, seq) = (:tenant, :webhook, :seq)
                          and state = 'WAITING'
                          and fence = :fence
                        returning state""")
                .param("gone", gone)
                .param("pause", pause.toMillis() / 1000.0)
                .param("asked", asked.toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", claim.webhook())
                .param("seq", claim.seq())
                .param("fence", claim.fence())
                .query(String.class)
                .optional();
        if (state.equals(Optional.of("DEAD"))) {
            queues.release(claim.webhook(), queues.leave(claim.webhook(), List.of(claim.seq())));
        } else if (state.isPresent()) {
            // An earlier one may have been ordered again meanwhile.
            jdbc.sql("update webhook_delivery d set due_at = null where (d.tenant_id, d.webhook_id, d.seq) = (:tenant, :webhook, :seq) and " + Queues.BEHIND_ANOTHER)
                    .param("tenant", CurrentTenant.require().value())
                    .param("webhook", claim.webhook())
                    .param("seq", claim.seq())
                    .update();
        }
        return state.isPresent();
    }

    /// How the receiver stands: whoever answers nothing is asked one thing at a time, after a rest; whoever wants to be left alone is.
    private void receiver(Claim claim, Answered answered) {
        boolean silent = answered instanceof Answered.Nothing;
        int before = silent ? jdbc.sql("select silent from webhook_cursor where (tenant_id, webhook_id) = (?, ?)")
                .params(CurrentTenant.require().value(), claim.webhook()).query(Integer.class).single() : 0;
        Duration rest = answered instanceof Answered.Said said ? said.retryAfter().orElse(Duration.ZERO) : Retry.rest(before, ThreadLocalRandom.current());
        jdbc.sql("""
                        update webhook_cursor
                        set silent = case when :silent then least(silent + 1, 1000) else 0 end,
                            rest_until = case when :rest > 0 then greatest(rest_until, now() + make_interval(secs => :rest)) else rest_until end
                        where (tenant_id, webhook_id) = (:tenant, :webhook)""")
                .param("silent", silent)
                .param("rest", rest.toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", claim.webhook())
                .update();
    }

    /// Gives up what is past its time and was not tried, because the receiver answers nobody; at most `limit`. Returns how many.
    @Transactional
    public int giveUp(UUID webhook, int limit) {
        if (!ledger.hold(webhook)) {
            return 0;
        }
        List<Long> given = jdbc.sql("""
                        update webhook_delivery
                        set state = 'DEAD',
                            state_since = now(),
                            due_at = null
                        where (tenant_id, webhook_id, seq) in (
                            select d.tenant_id, d.webhook_id, d.seq
                            from webhook_delivery d
                            join webhook_cursor c on c.tenant_id = d.tenant_id and c.webhook_id = d.webhook_id
                            where d.tenant_id = :tenant
                              and d.webhook_id = :webhook
                              and d.state = 'WAITING'
                              and d.due_at is not null
                              and d.lease_until is null
                              and d.give_up_at <= now()
                              and c.silent > 0
                            order by d.seq
                            limit :limit)
                        returning seq""")
                .param("tenant", CurrentTenant.require().value())
                .param("webhook", webhook)
                .param("limit", limit)
                .query(Long.class)
                .list();
        if (!given.isEmpty()) {
            queues.release(webhook, queues.leave(webhook, given));
        }
        return given.size();
    }
}
