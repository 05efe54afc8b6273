package dev.countersign.requests;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The desk for the tenant's settings about requests.
@Service
public class RequestSettings {
    private final JdbcClient jdbc;
    private final AuditLog audit;

    RequestSettings(JdbcClient jdbc, AuditLog audit) {
        this.jdbc = jdbc;
        this.audit = audit;
    }

    /// What is wrong with settings, by field, in words that say what to do; nothing where they will do.
    public static Map<String, String> refuses(TenantSettings wanted) {
        Map<String, String> wrong = new LinkedHashMap<>();
        if (wanted.reasonMinimum() < 1 || wanted.reasonMinimum() > 1_000) {
            wrong.put("reasonMinimum", "Choose between 1 and 1,000 characters.");
        }
        if (Limits.characters(wanted.reasonTemplate()) > 4_000) {
            wrong.put("reasonTemplate", "Use at most 4,000 characters.");
        }
        if (wanted.requestLifetime().toDays() < 1 || wanted.requestLifetime().toDays() > 365) {
            wrong.put("requestLifetime", "Choose between 1 and 365 days.");
        }
        if (wanted.longestGrant().toDays() < 1 || wanted.longestGrant().toDays() > 3_660) {
            wrong.put("longestGrant", "Choose between 1 and 3,660 days.");
        }
        return wrong;
    }

    /// Sets all of them, for requests from now on; recorded. Throws IllegalArgumentException for what `refuses` names.
    @Transactional
    public void change(Actor by, TenantSettings wanted) {
        if (!refuses(wanted).isEmpty()) {
            throw new IllegalArgumentException(refuses(wanted).toString());
        }
        jdbc.sql("""
                        insert into tenant_settings as s (tenant_id, reason_minimum, reason_template, request_lifetime_days, permanent_allowed, longest_grant_days)
                        values (:tenant, :minimum, :template, :lifetime, :permanent, :longest)
                        on conflict on constraint tenant_settings_pk do update
                        set reason_minimum = excluded.reason_minimum,
                            reason_template = excluded.reason_template,
                            request_lifetime_days = excluded.request_lifetime_days,
                            permanent_allowed = excluded.permanent_allowed,
                            longest_grant_days = excluded.longest_grant_days,
                            changed_at = now(),
                            version = s.version + 1""")
                .param("tenant", CurrentTenant.require().value())
                .param("minimum", wanted.reasonMinimum())
                .param("template", wanted.reasonTemplate())
                .param("lifetime", wanted.requestLifetime().toDays())
                .param("permanent", wanted.permanentAllowed())
                .param("longest", wanted.longestGrant().toDays())
                .update();
        audit.append(new AuditEvent("settings.changed", by, new Subject("tenant", CurrentTenant.require().toString()), "changed the settings of requests", wanted));
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
