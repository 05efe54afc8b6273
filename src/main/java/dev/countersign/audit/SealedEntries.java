package dev.countersign.audit;

import dev.countersign.audit.proof.SealedEntry;
import dev.countersign.tenancy.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.PGStatement;
import org.springframework.jdbc.core.JdbcTemplate;

/// Reads entries as their digests cover them, from the columns seq, at, previous_digest, digest and content.
final class SealedEntries {
    private static final int FETCH = 500;

    private SealedEntries() {}

    static SealedEntry read(ResultSet row) throws SQLException {
        return new SealedEntry(row.getLong("seq"), ChronoUnit.MICROS.between(Instant.EPOCH, row.getObject("at", OffsetDateTime.class).toInstant()),
                row.getBytes("previous_digest"), row.getBytes("digest"), row.getBytes("content"));
    }

    /// Hands over the first `end` entries of the tenant, oldest first, without growing in memory.
    static void each(DataSource source, TenantId tenant, long end, Consumer<SealedEntry> each) {
        JdbcTemplate streaming = new JdbcTemplate(source) {
            /// The driver lets the server answer in binary from the fifth time on that it asks the same. This is one long answer, and as
            /// text its times and digests would have to be parsed.
            @Override
            protected void applyStatementSettings(Statement statement) throws SQLException {
                super.applyStatementSettings(statement);
                statement.unwrap(PGStatement.class).setPrepareThreshold(-1);
            }
        };
        streaming.setFetchSize(FETCH);
        streaming.query("select seq, at, previous_digest, digest, content from audit_entry where tenant_id = ? and seq <= ? order by seq",
                (ResultSet row) -> each.accept(read(row)), tenant.value(), end);
    }
}
