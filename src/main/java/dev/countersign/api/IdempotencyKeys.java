package dev.countersign.api;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The keys by which POSTs are recognised when they come again, and what was answered. A key counts for 24 hours, within
/// tenant, person and address.
@Component
class IdempotencyKeys {
    private final JdbcClient jdbc;
    private final Tenants tenants;

    IdempotencyKeys(JdbcClient jdbc, Tenants tenants) {
        this.jdbc = jdbc;
        this.tenants = tenants;
    }

    record Key(UUID person, String route, String key, byte[] bodyDigest) {}

    /// What taking a key found.
    sealed interface Taking {
        /// It is ours: do the work and `keep` its answer, or `release` it.
        record Taken() implements Taking {}

        /// It was answered before.
        record Answered(Answer answer) implements Taking {}

        /// It came before with another body.
        record OtherBody() implements Taking {}

        /// Somebody works on it. Only where the work is not in the transaction of the key.
        record UnderWay() implements Taking {}
    }

    /// Waits for a transaction that has just taken the same key, and then sees what became of it. `abandonedAfterSeconds`: a
    /// key without an answer that is older was left by a program that died.
    @Transactional(propagation = Propagation.MANDATORY)
    public Taking take(Key key, int abandonedAfterSeconds) {
        spec("delete from idempotency_key" + WHERE
                        + " and (taken_at < now() - interval '24 hours' or status is null and taken_at < now() - make_interval(secs => :abandoned))", key)
                .param("abandoned", (double) abandonedAfterSeconds)
                .update();
        int inserted = spec("""
                        insert into idempotency_key (tenant_id, person_id, route, key, body_digest)
                        values (:tenant, :person, :route, :key, :digest)
                        on conflict on constraint idempotency_key_pk do nothing""", key)
                .param("digest", key.bodyDigest())
                .update();
        if (inserted == 1) {
            return new Taking.Taken();
        }
        record Row(byte[] digest, Optional<Answer> answer) {}
        Row row = spec("select body_digest, status, content_type, location, etag, answer from idempotency_key" + WHERE, key)
                .query((result, number) -> new Row(result.getBytes("body_digest"), Optional.ofNullable(result.getBytes("answer"))
                        .map(body -> {
                            try {
                                return new Answer(result.getInt("status"), MediaType.parseMediaType(result.getString("content_type")),
                                        Optional.ofNullable(result.getString("location")), Optional.ofNullable(result.getString("etag")), body);
                            } catch (java.sql.SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        })))
                .single();
        if (!MessageDigest.isEqual(row.digest(), key.bodyDigest())) {
            return new Taking.OtherBody();
        }
        return row.answer().<Taking>map(Taking.Answered::new).orElseGet(Taking.UnderWay::new);
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void keep(Key key, Answer answer) {
        spec("""
                        update idempotency_key
                        set status = :status,
                            content_type = :type,
                            location = :location,
                            etag = :etag,
                            answer = :answer""" + WHERE, key)
                .param("status", answer.status())
                .param("type", answer.type().toString())
                .param("location", answer.location().orElse(null))
                .param("etag", answer.etag().orElse(null))
                .param("answer", answer.retried())
                .update();
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void release(Key key) {
        spec("delete from idempotency_key" + WHERE + " and status is null", key).update();
    }

    /// Forgets what nobody can ask for any more.
    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT5M")
    void forgetOld() {
        tenants.all().forEach(tenant -> tenants.doInTenant(tenant.id(),
                () -> jdbc.sql("delete from idempotency_key where tenant_id = ? and taken_at < now() - interval '24 hours'")
                        .param(tenant.id().value())
                        .update()));
    }

    private static final String WHERE = " where tenant_id = :tenant and person_id = :person and route = :route and key = :key";

    private JdbcClient.StatementSpec spec(String sql, Key key) {
        return jdbc.sql(sql)
                .param("tenant", CurrentTenant.require().value())
                .param("person", key.person())
                .param("route", key.route())
                .param("key", key.key());
    }
}
