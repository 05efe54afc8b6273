package dev.countersign.identity;

import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The sessions of one name, wherever they were opened: Spring Session's own table, by its index on the principal's name.
/// Ended here, a session is dead on every replica at its next request. Ids of sessions never leave this class.
@Component
class Sessions {
    private final JdbcClient jdbc;

    Sessions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// The live sessions, last used first; at most 100. `present` is the id of the session that asks, or empty text.
    List<Account.OpenSession> of(String name, String present) {
        return jdbc.sql("""
                        select session_id,
                               creation_time,
                               last_access_time
                        from spring_session
                        where principal_name = :name
                          and expiry_time > extract(epoch from now()) * 1000
                        order by last_access_time desc
                        limit 100""")
                .param("name", name)
                .query((row, number) -> new Account.OpenSession(Instant.ofEpochMilli(row.getLong("creation_time")),
                        Instant.ofEpochMilli(row.getLong("last_access_time")), row.getString("session_id").strip().equals(present)))
                .list();
    }

    int endAll(String name) {
        return endOthers(name, "");
    }

    int endOthers(String name, String present) {
        return jdbc.sql("delete from spring_session where principal_name = ? and session_id <> ?").params(name, present).update();
    }
}
