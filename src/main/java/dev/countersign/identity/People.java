package dev.countersign.identity;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of identity: people, their roles and their teams, of the current tenant. Every change is recorded.
@Service
public class People {
    private static final String STILL_LINKED = """
            \s
            and exists (select from person_link l
                        join identity_provider i on i.tenant_id = l.tenant_id and i.issuer = l.issuer
                        where l.tenant_id = p.tenant_id
                          and l.person_id = p.id
                          and l.linked_at <= :since
                          and now() < :since + i.longest_session)""";

    private final PersonRepository persons;
    private final JdbcClient jdbc;
    private final PasswordEncoder passwords;
    private final AuditLog audit;
    private final Tenants tenants;
    private final Pseudonyms pseudonyms;

    People(PersonRepository persons, JdbcClient jdbc, PasswordEncoder passwords, AuditLog audit, Tenants tenants, Pseudonyms pseudonyms) {
        this.persons = persons;
        this.jdbc = jdbc;
        this.passwords = passwords;
        this.audit = audit;
        this.tenants = tenants;
        this.pseudonyms = pseudonyms;
    }

    /// The person as of now; empty when unknown to the tenant or deactivated. One statement in a transaction of its own.
    @Transactional(readOnly = true)
    public Optional<CurrentPerson> current(TenantId tenant, UUID person) {
        return current(tenant, person, Optional.empty(), Optional.empty());
    }

    /// As `current`, for a session that was opened by the tenant's identity provider at `byProviderSince`: empty too once the person's link
    /// to that provider is gone, or the session has lasted as long as the tenant lets it.
    @Transactional(readOnly = true)
    Optional<CurrentPerson> current(TenantId tenant, UUID person, Optional<Instant> byProviderSince) {
        return current(tenant, person, Optional.empty(), byProviderSince);
    }

    Optional<CurrentPerson> byToken(TenantId tenant, UUID person, CurrentPerson.TokenUse token) {
        return current(tenant, person, Optional.of(token), Optional.empty());
    }

    private Optional<CurrentPerson> current(TenantId tenant, UUID person, Optional<CurrentPerson.TokenUse> token, Optional<Instant> byProviderSince) {
        return jdbc.sql("""
                        select p.id,
                               p.username,
                               p.display_name,
                               array(select r.role from person_role r
                                     where r.tenant_id = p.tenant_id and r.person_id = p.id) as roles,
                               array(select t.id || ' ' || t.slug || ' ' || t.name from team_member m
                                     join team t on t.tenant_id = m.tenant_id and t.id = m.team_id
                                     where m.tenant_id = p.tenant_id and m.person_id = p.id order by t.slug) as teams
                        from person p
                        where p.tenant_id = :tenant
                          and p.id = :person
                          and p.deactivated_at is null""" + (byProviderSince.isEmpty() ? "" : STILL_LINKED))
                .param("tenant", tenant.value())
                .param("person", person)
                .param("since", byProviderSince.map(since -> since.atOffset(ZoneOffset.UTC)).orElse(null), java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .query((row, number) -> person(row, tenants.byId(tenant).orElseThrow(), token))
                .optional();
    }

    /// Creates a person who can sign in with the password, or (empty) only by other means. The username is lower-cased.
    /// Throws IllegalArgumentException where the name is taken or malformed.
    @Transactional
    public UUID create(Actor by, String username, String displayName, Optional<String> password, Set<Role> roles) {
        Person person = new Person(
                UUID.randomUUID(), PersonName.of(username), displayName, password.map(passwords::encode).orElse(null));
        if (persons.existsByUsername(person.username())) {
            throw new IllegalArgumentException("the name " + person.username() + " is taken; choose another");
        }
        persons.saveAndFlush(person);
        roles.forEach(role -> insertRole(person.id(), role));
        audit.append(new AuditEvent("person.created", by, new Subject("person", person.id().toString()),
                "created " + Pseudonyms.of(person.id()) + describe(roles),
                new PersonCreated(person.id(), pseudonyms.seal(person.id(), person.username()), pseudonyms.seal(person.id(), displayName), sorted(roles))));
        return person.id();
    }

    @Transactional
    public UUID createTeam(Actor by, String slug, String name) {
        UUID id = UUID.randomUUID();
        jdbc.sql("insert into team (tenant_id, id, slug, name) values (?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), id, slug, name)
                .update();
        audit.append(new AuditEvent("team.created", by, new Subject("team", id.toString()), "created team " + slug,
                new TeamName(id, slug, name)));
        return id;
    }

    @Transactional
    public void join(Actor by, UUID team, UUID person) {
        int added = jdbc.sql("insert into team_member (tenant_id, team_id, person_id) values (?, ?, ?) on conflict do nothing")
                .params(CurrentTenant.require().value(), team, person)
                .update();
        if (added > 0) {
            audit.append(new AuditEvent("team.joined", by, new Subject("team", team.toString()),
                    "added " + Pseudonyms.of(person) + " to a team", new Membership(team, person)));
        }
    }

    @Transactional
    public void leave(Actor by, UUID team, UUID person) {
        int gone = jdbc.sql("delete from team_member where tenant_id = ? and team_id = ? and person_id = ?")
                .params(CurrentTenant.require().value(), team, person)
                .update();
        if (gone > 0) {
            audit.append(new AuditEvent("team.left", by, new Subject("team", team.toString()),
                    "removed " + Pseudonyms.of(person) + " from a team", new Membership(team, person)));
        }
    }

    /// Sets exactly these roles. Takes effect at the person's next request, on every replica.
    @Transactional
    public void setRoles(Actor by, UUID person, Set<Role> roles) {
        jdbc.sql("delete from person_role where tenant_id = ? and person_id = ?")
                .params(CurrentTenant.require().value(), person)
                .update();
        roles.forEach(role -> insertRole(person, role));
        audit.append(new AuditEvent("person.roles-changed", by, new Subject("person", person.toString()),
                "gave " + Pseudonyms.of(person) + (roles.isEmpty() ? " no role" : describe(roles)), new RolesChanged(person, sorted(roles))));
    }

    /// Ends a person's access at their next request. Nothing of what they did is taken away.
    @Transactional
    public void deactivate(Actor by, UUID person) {
        jdbc.sql("update person set deactivated_at = now(), deactivated_by = ? where tenant_id = ? and id = ? and deactivated_at is null")
                .params(by.name(), CurrentTenant.require().value(), person)
                .update();
        audit.append(new AuditEvent("person.deactivated", by, new Subject("person", person.toString()),
                "deactivated " + Pseudonyms.of(person), new PersonRef(person)));
    }

    @Transactional
    public void reactivate(Actor by, UUID person) {
        jdbc.sql("update person set deactivated_at = null, deactivated_by = null where tenant_id = ? and id = ?")
                .params(CurrentTenant.require().value(), person)
                .update();
        audit.append(new AuditEvent("person.reactivated", by, new Subject("person", person.toString()),
                "reactivated " + Pseudonyms.of(person), new PersonRef(person)));
    }

    @Transactional
    public void setPassword(Actor by, UUID person, String password) {
        jdbc.sql("update person set password_hash = ? where tenant_id = ? and id = ?")
                .params(passwords.encode(password), CurrentTenant.require().value(), person)
                .update();
        audit.append(new AuditEvent("person.password-changed", by, new Subject("person", person.toString()),
                "changed the password of " + Pseudonyms.of(person), new PersonRef(person)));
    }

    /// Takes the names of a deactivated person out of every table and destroys their key: the record keeps what they did and no longer
    /// says who they were. Never undone. What people wrote in their own words stays. `reason` goes into the record, and names nobody.
    @Transactional
    public void erase(Actor by, UUID person, String reason) {
        // The record first: whoever writes a name elsewhere is done before, or begins after.
        audit.hold();
        jdbc.sql("select erase_person(:person, p.username || '@' || t.slug, :pseudonym, :username) from person p join tenant t on t.id = p.tenant_id "
                        + "where p.tenant_id = :tenant and p.id = :person and p.erased_at is null")
                .param("person", person)
                .param("pseudonym", Pseudonyms.erased(person))
                .param("username", Pseudonyms.erasedUsername(person))
                .param("tenant", CurrentTenant.require().value())
                .query((row, number) -> true)
                .single();
        audit.append(new AuditEvent("person.erased", by, new Subject("person", person.toString()),
                "erased the names of " + Pseudonyms.of(person), new PersonErased(person, reason)));
    }

    /// Finds by the name without tenant, whatever its case.
    @Transactional(readOnly = true)
    public Optional<UUID> byUsername(String username) {
        return persons.findByUsername(PersonName.of(username)).map(Person::id);
    }

    /// A team's id by its slug.
    @Transactional(readOnly = true)
    public Optional<UUID> team(String slug) {
        return jdbc.sql("select id from team where tenant_id = ? and slug = ?")
                .params(CurrentTenant.require().value(), slug)
                .query(UUID.class)
                .optional();
    }

    private void insertRole(UUID person, Role role) {
        jdbc.sql("insert into person_role (tenant_id, person_id, role) values (?, ?, ?)")
                .params(CurrentTenant.require().value(), person, role.name())
                .update();
    }

    private static String describe(Set<Role> roles) {
        return roles.isEmpty() ? "" : " as " + String.join(", ", sorted(roles)).toLowerCase(java.util.Locale.ROOT);
    }

    private static List<String> sorted(Set<Role> roles) {
        return roles.stream().map(Enum::name).sorted().toList();
    }

    private static CurrentPerson person(ResultSet row, Tenant tenant, Optional<CurrentPerson.TokenUse> token)
            throws SQLException {
        EnumSet<Role> roles = EnumSet.noneOf(Role.class);
        for (String role : (String[]) row.getArray("roles").getArray()) {
            roles.add(Role.valueOf(role));
        }
        List<TeamName> teams = Arrays.stream((String[]) row.getArray("teams").getArray())
                .map(team -> team.split(" ", 3))
                .map(parts -> new TeamName(UUID.fromString(parts[0]), parts[1], parts[2]))
                .toList();
        return new CurrentPerson(tenant.id(), tenant.slug(), tenant.name(), row.getObject("id", UUID.class),
                row.getString("username"), row.getString("display_name"), roles, teams, token);
    }

    /// The names are sealed under the person's key.
    private record PersonCreated(UUID id, String username, String displayName, List<String> roles) {}

    private record RolesChanged(UUID person, List<String> roles) {}

    private record Membership(UUID team, UUID person) {}

    private record PersonRef(UUID person) {}

    private record PersonErased(UUID person, String reason) {}
}
