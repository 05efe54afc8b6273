package dev.countersign.requests;

import java.time.Instant;
import java.time.OffsetDateTime;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The one clock that decides lapse and expiry: the database's, as of the transaction.
@Component
class DatabaseTime {
    private final JdbcClient jdbc;

    DatabaseTime(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Instant now() {
        return jdbc.sql("select now()").query(OffsetDateTime.class).single().toInstant();
    }
}
