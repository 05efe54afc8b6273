package dev.countersign.identity;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// What a platform operator may do: see which tenants there are, and found one together with its first administrator. Of
/// what a tenant holds the operator sees nothing; the founding is the first entry of the tenant's own record.
@Service
public class Founding {
    private final Tenants tenants;
    private final People people;
    private final AuditLog audit;
    private final JdbcClient jdbc;

    Founding(Tenants tenants, People people, AuditLog audit, JdbcClient jdbc) {
        this.tenants = tenants;
        this.people = people;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    /// A tenant as the operator knows it.
    public record Known(String slug, String name, Instant foundedAt) {}

    /// By slug, from behind `after`; at most `limit`.
    public List<Known> tenants(String after, int limit) {
        return jdbc.sql("select slug, name, created_at from tenant where slug > ? order by slug limit ?")
                .params(after, limit)
                .query((row, number) -> new Known(row.getString("slug"), row.getString("name"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    public Administering found(CurrentOperator me, String slug, String name, String username, String displayName) {
        String plain = PersonName.of(slug);
        String first = PersonName.of(username);
        if (!plain.matches("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")) {
            return new Administering.Refused("slug", "Use 1 to 40 of a-z, 0-9 and dash, beginning and ending with a letter or digit. It is the part after @ and never changes.");
        }
        if (name.isBlank() || name.strip().length() > 200) {
            return new Administering.Refused("name", "Say the name of the organisation, in at most 200 characters.");
        }
        if (!first.matches("[a-z0-9][-a-z0-9._]{0,62}")) {
            return new Administering.Refused("username", "Use 1 to 63 of a-z, 0-9, dot, dash and underscore; leave the @tenant away.");
        }
        if (displayName.isBlank() || displayName.strip().length() > 200) {
            return new Administering.Refused("displayName", "Say the administrator's name, in at most 200 characters.");
        }
        if (tenants.bySlug(plain).isPresent()) {
            return new Administering.Refused("slug", "There is a tenant " + plain + " already. Choose another name.");
        }
        String password = Passwords.random();
        tenants.found(plain, name.strip(), tenant -> {
            audit.append(new AuditEvent("tenant.founded", me.actor(), new Subject("tenant", tenant.slug()), "founded the tenant " + tenant.name(),
                    new TenantFounded(tenant.slug(), tenant.name())));
            people.create(me.actor(), first, displayName.strip(), Optional.of(password), Set.of(Role.ADMINISTRATOR));
        });
        return new Administering.NewPassword(first + "@" + plain, password);
    }

    private record TenantFounded(String slug, String name) {}
}
