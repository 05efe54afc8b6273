package dev.countersign.identity;

import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The people who run the installation, outside of all tenants. The portal's role may read them and nothing else: one comes
/// only by configuration (`FirstOperator`).
@Component
class Operators {
    private final JdbcClient jdbc;

    Operators(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Known(UUID id, String username, String passwordHash) {}

    Optional<Known> byUsername(String username) {
        return jdbc.sql("select id, username, password_hash from platform_operator where username = ?")
                .param(username)
                .query(Known.class)
                .optional();
    }

    /// As of now; empty once the row is gone.
    Optional<CurrentOperator> current(UUID id) {
        return jdbc.sql("select id, username from platform_operator where id = ?").param(id).query(CurrentOperator.class).optional();
    }
}
