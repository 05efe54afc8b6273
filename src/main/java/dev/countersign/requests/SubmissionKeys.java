package dev.countersign.requests;

import dev.countersign.tenancy.CurrentTenant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The one-time keys of forms. A second use waits for the first and answers its number.
@Component
class SubmissionKeys {
    private final JdbcClient jdbc;

    SubmissionKeys(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// The number that this key became; empty for a key not used yet. Holds the key until the transaction ends, so that of two
    /// clicks one waits for the other.
    Optional<Long> take(UUID person, String key) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended(?, 0))")
                .param("submission " + CurrentTenant.require() + " " + person + " " + key)
                .query((row, number) -> true)
                .single();
        return jdbc.sql("select number from submission_key where person_id = ? and key = ?")
                .params(person, key)
                .query(Long.class)
                .optional();
    }

    void became(UUID person, String key, long number) {
        jdbc.sql("insert into submission_key (tenant_id, person_id, key, number) values (?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), person, key, number)
                .update();
    }

    /// Keys are kept for a week: longer than any open form.
    void forgetOld() {
        jdbc.sql("delete from submission_key where at < now() - interval '7 days'").update();
    }
}
