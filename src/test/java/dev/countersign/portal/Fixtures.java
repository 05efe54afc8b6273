package dev.countersign.portal;

import dev.countersign.audit.Actor;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

/// Tenants and people for tests. Every person's password is their username followed by " password".
@TestComponent
public class Fixtures {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Tenants tenants;
    private final People people;

    Fixtures(Tenants tenants, People people) {
        this.tenants = tenants;
        this.people = people;
    }

    /// A tenant with the people of the demo: engineer (team orders), owner (team payments), security, security2, auditor, admin.
    public record TestTenant(Tenant tenant, Map<String, UUID> persons, Map<String, UUID> teams) {
        public UUID person(String username) {
            return Optional.ofNullable(persons.get(username)).orElseThrow(() -> new IllegalArgumentException("no " + username));
        }

        public UUID team(String slug) {
            return Optional.ofNullable(teams.get(slug)).orElseThrow(() -> new IllegalArgumentException("no team " + slug));
        }
    }

    public TestTenant tenant() {
        String slug = "t" + COUNT.incrementAndGet();
        Tenant tenant = tenants.found(slug, "Tenant " + slug);
        return tenants.inTenant(tenant.id(), () -> {
            Actor setup = Actor.system("test");
            Map<String, UUID> teams = new LinkedHashMap<>();
            teams.put("orders", people.createTeam(setup, "orders", "Orders"));
            teams.put("payments", people.createTeam(setup, "payments", "Payments"));
            Map<String, UUID> persons = new LinkedHashMap<>();
            persons.put("engineer", person("engineer", "Erin Engineer", Set.of()));
            persons.put("owner", person("owner", "Olga Owner", Set.of()));
            persons.put("security", person("security", "Sam Security", Set.of(Role.SECURITY)));
            persons.put("security2", person("security2", "Sofia Security", Set.of(Role.SECURITY)));
            persons.put("auditor", person("auditor", "Ada Auditor", Set.of(Role.AUDITOR)));
            persons.put("admin", person("admin", "Adam Admin", Set.of(Role.ADMINISTRATOR)));
            people.join(setup, teams.get("orders"), persons.get("engineer"));
            people.join(setup, teams.get("payments"), persons.get("owner"));
            return new TestTenant(tenant, persons, teams);
        });
    }

    private UUID person(String username, String name, Set<Role> roles) {
        return people.create(Actor.system("test"), username, name, Optional.of(username + " password"), roles);
    }

    /// The person as a request would see them now.
    public CurrentPerson current(TestTenant tenant, String username) {
        return tenants.inTenant(tenant.tenant().id(), () -> people.current(tenant.tenant().id(), tenant.person(username)))
                .orElseThrow();
    }

    /// MockMvc: `.with(fixtures.as(tenant, "owner"))`.
    public RequestPostProcessor as(TestTenant tenant, String username) {
        CurrentPerson person = current(tenant, username);
        return SecurityMockMvcRequestPostProcessors.authentication(UsernamePasswordAuthenticationToken.authenticated(
                person, null, person.roles().stream().map(role -> new SimpleGrantedAuthority(role.authority())).toList()));
    }
}
