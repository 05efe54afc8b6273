package dev.countersign.requests;

import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The desk for the tenant's settings about requests.
@Service
public class RequestSettings {
    private final JdbcClient jdbc;

    RequestSettings(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// The current tenant's settings, the defaults where it has decided nothing.
    @Transactional(readOnly = true)
    public TenantSettings current() {
        return jdbc.sql("""
                        select reason_minimum,
                               reason_template,
                               request_lifetime_days,
                               permanent_allowed,
                               longest_grant_days
                        from tenant_settings""")
                .query((row, number) -> new TenantSettings(row.getInt(1), row.getString(2), Duration.ofDays(row.getInt(3)),
                        row.getBoolean(4), Duration.ofDays(row.getInt(5))))
                .optional()
                .orElse(TenantSettings.DEFAULT);
    }
}
