package dev.countersign.identity;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.stereotype.Service;

/// Signs a person in by means other than a password: the demo's one click, an identity provider. The session gets
/// a new id, and the record gets an entry.
@Service
public class SignIn {
    private final Tenants tenants;
    private final People people;
    private final AuditLog audit;
    private final JdbcClient jdbc;

    SignIn(Tenants tenants, People people, AuditLog audit, JdbcClient jdbc) {
        this.tenants = tenants;
        this.people = people;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    /// False when the person is unknown or deactivated; then nothing happened. `means` completes "signed in by …".
    public boolean establish(Tenant tenant, UUID person, String means, HttpServletRequest request, HttpServletResponse response) {
        return establish(tenant, person, means, Optional.empty(), request, response);
    }

    /// As `establish`; the session lasts no longer than the person's link to the provider, and than the tenant lets it.
    boolean establishByProvider(Tenant tenant, UUID person, HttpServletRequest request, HttpServletResponse response) {
        Instant now = jdbc.sql("select clock_timestamp()").query(OffsetDateTime.class).single().toInstant();
        return establish(tenant, person, "the identity provider", Optional.of(now), request, response);
    }

    private boolean establish(Tenant tenant, UUID person, String means, Optional<Instant> byProviderSince, HttpServletRequest request, HttpServletResponse response) {
        return tenants.inTenant(tenant.id(), () -> people.current(tenant.id(), person, byProviderSince).map(current -> {
            audit.append(new AuditEvent("person.signed-in", current.actor(), new Subject("person", person.toString()),
                    "signed in by " + means, new SignInFact(person, means)));
            return current;
        })).map(current -> {
            // Nothing of whoever used this browser before is kept: a new session, a new id, a new CSRF token.
            HttpSession before = request.getSession(false);
            if (before != null) {
                before.invalidate();
            }
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(PasswordSignIn.authenticated(tenant, person, current.username(), byProviderSince.orElse(null)));
            SecurityContextHolder.setContext(context);
            new HttpSessionSecurityContextRepository().saveContext(context, request, response);
            return true;
        }).orElse(false);
    }

    private record SignInFact(UUID person, String means) {}
}
