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

    /// Drops what sessions of the tenant, or of nobody yet, hold for the next request and names the person: a notice about them, or
    /// the address of their page. Loses no more than a notice where it meets another's.
    void forget(String username, String tenantSlug) {
        jdbc.sql("""
                        delete from spring_session_attributes a
                        using spring_session s
                        where s.primary_id = a.session_primary_id
                          and (s.principal_name is null or s.principal_name like '%@' || :tenant)
                          and (a.attribute_name like '%.FLASH_MAPS' or a.attribute_name = 'SPRING_SECURITY_SAVED_REQUEST')
                          and position(convert_to(:username, 'UTF8') in a.attribute_bytes) > 0""")
                .param("tenant", tenantSlug)
                .param("username", username)
                .update();
    }

    int endOthers(String name, String present) {
        return jdbc.sql("delete from spring_session where principal_name = ? and session_id <> ?").params(name, present).update();
    }
}
