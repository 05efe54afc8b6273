package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// What a tenant administrator may do with people, teams and tokens, with the rules that keep a tenant governable:
///
/// - The last active administrator stays one, also when two take each other's role away at the same moment.
/// - Nobody gains a role by their own hand. Whoever runs a tenant would otherwise make themselves a reviewer and decide alone;
///   this way two people stand behind every power, and the record names both.
/// - Nobody deactivates themselves.
///
/// Every change is recorded by `People`, in the same transaction.
@Service
public class Administration {
    private static final String USERNAME = "[a-z0-9][-a-z0-9._]{0,62}";
    private static final String SLUG = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

    private final People people;
    private final Directory directory;
    private final ApiTokens tokens;
    private final Sessions sessions;
    private final JdbcClient jdbc;

    Administration(People people, Directory directory, ApiTokens tokens, Sessions sessions, JdbcClient jdbc) {
        this.people = people;
        this.directory = directory;
        this.tokens = tokens;
        this.sessions = sessions;
        this.jdbc = jdbc;
    }

    /// Makes a person with a password by chance.
    @Transactional
    public Administering createPerson(CurrentPerson me, String username, String displayName, Set<Role> roles) {
        String name = PersonName.of(username);
        String shown = displayName.strip();
        if (!name.matches(USERNAME)) {
            return new Administering.Refused("username", "Use 1 to 63 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit; leave the @tenant away.");
        }
        if (shown.isEmpty() || shown.length() > 200) {
            return new Administering.Refused("displayName", "Say the name that colleagues will read, in at most 200 characters.");
        }
        if (directory.person(name).isPresent()) {
            return new Administering.Refused("username", "There is a " + name + " already. Choose another name, or reactivate that person.");
        }
        String password = Passwords.random();
        people.create(me.actor(), name, shown, Optional.of(password), roles);
        return new Administering.NewPassword(name + "@" + me.tenantSlug(), password);
    }

    /// Sets exactly these roles; they count from the person's next request.
    @Transactional
    public Administering setRoles(CurrentPerson me, String username, Collection<Role> wanted) {
        holdStill();
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        Directory.Entry person = found.get();
        Set<Role> roles = wanted.isEmpty() ? Set.of() : EnumSet.copyOf(wanted);
        if (person.id().equals(me.id()) && !person.roles().containsAll(roles)) {
            return new Administering.Refused("roles", "You cannot give a role to yourself. Ask another administrator, so that two people stand behind it.");
        }
        if (!roles.contains(Role.ADMINISTRATOR) && isLastAdministrator(person)) {
            return new Administering.Refused("roles", person.username() + " is the last administrator. Make somebody else one first.");
        }
        if (Set.copyOf(person.roles()).equals(roles)) {
            return new Administering.Done("Nothing changed.", person.username() + " has these roles already.");
        }
        people.setRoles(me.actor(), person.id(), roles);
        return new Administering.Done("Roles changed.", "They count from " + person.username() + "'s next request.");
    }

    /// Ends a person's access: sessions and tokens are dead at their next request. What they did stays.
    @Transactional
    public Administering deactivate(CurrentPerson me, String username) {
        holdStill();
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        Directory.Entry person = found.get();
        if (!person.active()) {
            return new Administering.Done("Nothing changed.", person.username() + " was deactivated already.");
        }
        if (person.id().equals(me.id())) {
            return new Administering.Refused("person", "You cannot deactivate yourself. Ask another administrator.");
        }
        if (isLastAdministrator(person)) {
            return new Administering.Refused("person", person.username() + " is the last administrator. Make somebody else one first.");
        }
        people.deactivate(me.actor(), person.id());
        sessions.endAll(person.username() + "@" + me.tenantSlug());
        return new Administering.Done("Deactivated.", person.username() + " is signed out and can no longer come in.");
    }

    @Transactional
    public Administering reactivate(CurrentPerson me, String username) {
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        if (found.get().active()) {
            return new Administering.Done("Nothing changed.", found.get().username() + " is active.");
        }
        people.reactivate(me.actor(), found.get().id());
        return new Administering.Done("Reactivated.", found.get().username() + " can sign in again, with the roles and teams of before.");
    }

    /// Replaces the password by one by chance and ends every session of the person.
    @Transactional
    public Administering resetPassword(CurrentPerson me, String username) {
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        if (found.get().id().equals(me.id())) {
            return new Administering.Refused("person", "Change your own password on your account page, where the present one is asked for.");
        }
        String password = Passwords.random();
        people.setPassword(me.actor(), found.get().id(), password);
        String name = found.get().username() + "@" + me.tenantSlug();
        sessions.endAll(name);
        return new Administering.NewPassword(name, password);
    }

    @Transactional
    public Administering createTeam(CurrentPerson me, String slug, String name) {
        String plain = PersonName.of(slug);
        String shown = name.strip();
        if (!plain.matches(SLUG)) {
            return new Administering.Refused("slug", "Use 1 to 63 of a-z, 0-9 and dash, beginning and ending with a letter or digit.");
        }
        if (shown.isEmpty() || shown.length() > 200) {
            return new Administering.Refused("name", "Say what people call the team, in at most 200 characters.");
        }
        if (directory.team(plain).isPresent()) {
            return new Administering.Refused("slug", "There is a team " + plain + " already. Choose another name.");
        }
        people.createTeam(me.actor(), plain, shown);
        return new Administering.Done("Team created.", "Add its members, then give it the workloads that it owns.");
    }

    @Transactional
    public Administering join(CurrentPerson me, String team, String username) {
        Optional<Directory.Team> into = directory.team(team);
        if (into.isEmpty()) {
            return new Administering.Unknown();
        }
        Optional<Directory.Entry> person = directory.person(username).filter(Directory.Entry::active);
        if (person.isEmpty()) {
            return new Administering.Refused("person", "There is no active person of that name. Check the spelling, without the @tenant, or create the person first.");
        }
        people.join(me.actor(), into.get().id(), person.get().id());
        return new Administering.Done("Added.", person.get().username() + " belongs to " + into.get().slug() + " from the next request on.");
    }

    @Transactional
    public Administering leave(CurrentPerson me, String team, String username) {
        Optional<Directory.Team> from = directory.team(team);
        Optional<Directory.Entry> person = directory.person(username);
        if (from.isEmpty() || person.isEmpty() || !person.get().teams().contains(team)) {
            return new Administering.Unknown();
        }
        people.leave(me.actor(), from.get().id(), person.get().id());
        return new Administering.Done("Removed.", person.get().username() + " no longer belongs to " + team + ".");
    }

    @Transactional
    public Administering revokeToken(CurrentPerson me, UUID token) {
        return tokens.revoke(me.actor(), token)
                ? new Administering.Done("Revoked.", "The token opens nothing from its next use on.")
                : new Administering.Unknown();
    }

    /// One change of administrators at a time: two who take each other's role away wait for one another, and the second sees
    /// that it would leave nobody.
    private void holdStill() {
        jdbc.sql("select count(*) from (select pg_advisory_xact_lock(hashtextextended('administrators ' || :tenant, 0))) as held")
                .param("tenant", CurrentTenant.require().toString())
                .query(Long.class)
                .single();
    }

    private boolean isLastAdministrator(Directory.Entry person) {
        return person.active() && person.roles().contains(Role.ADMINISTRATOR) && jdbc.sql("""
                        select count(*)
                        from person_role r
                        join person p on p.tenant_id = r.tenant_id and p.id = r.person_id
                        where r.tenant_id = ?
                          and r.role = 'ADMINISTRATOR'
                          and p.deactivated_at is null
                          and p.id <> ?""")
                .params(CurrentTenant.require().value(), person.id())
                .query(Long.class)
                .single() == 0;
    }
}
