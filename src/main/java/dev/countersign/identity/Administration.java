package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
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
/// - Only a deactivated person is erased, and nothing brings their names back: so neither the last administrator nor oneself.
///
/// Every change is recorded by `People`, in the same transaction.
@Service
public class Administration {
    private static final String USERNAME = "[a-z0-9][-a-z0-9._]{0,62}";
    private static final String GONE = "This person was erased, and nobody can come in as them again. Add a new person.";
    private static final int MOST_REASON = 1000;
    private static final String SLUG = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

    private final People people;
    private final Directory directory;
    private final ApiTokens tokens;
    private final Sessions sessions;
    private final SignInThrottle throttle;
    private final List<PersonTies> ties;
    private final PasswordPolicy passwordPolicy;
    private final JdbcClient jdbc;

    Administration(People people, Directory directory, ApiTokens tokens, Sessions sessions, SignInThrottle throttle, List<PersonTies> ties, PasswordPolicy passwordPolicy, JdbcClient jdbc) {
        this.people = people;
        this.directory = directory;
        this.tokens = tokens;
        this.sessions = sessions;
        this.throttle = throttle;
        this.ties = List.copyOf(ties);
        this.passwordPolicy = passwordPolicy;
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
        if (person.erased()) {
            return new Administering.Refused("roles", GONE);
        }
        Set<Role> roles = wanted.isEmpty() ? Set.of() : EnumSet.copyOf(wanted);
        if (person.id().equals(me.id()) && !person.roles().containsAll(roles)) {
            return new Administering.Refused("roles", "You cannot give a role to yourself. Ask another administrator, so that two people stand behind it.");
        }
        if (!roles.contains(Role.ADMINISTRATOR) && isLastAdministrator(person)) {
            return new Administering.Refused("roles", person.username() + " is the last administrator. Make somebody else one first.");
        }
        if (!roles.contains(Role.ADMINISTRATOR) && passwordPolicy.isOnlyFor(person.id())) {
            return new Administering.Refused("roles", kept(person));
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
        if (passwordPolicy.isOnlyFor(person.id())) {
            return new Administering.Refused("person", kept(person));
        }
        people.deactivate(me.actor(), person.id());
        sessions.endAll(person.username() + "@" + me.tenantSlug());
        return new Administering.Done("Deactivated.", person.username() + " is signed out and can no longer come in.");
    }

    /// Takes the names of a deactivated person away for good. `typed` is the person's name, as a proof of having read whose;
    /// `reason` goes into the record and must not name them.
    @Transactional
    public Administering erase(CurrentPerson me, String username, String typed, String reason) {
        holdStill();
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        Directory.Entry person = found.get();
        if (person.erased()) {
            return new Administering.Done("Nothing changed.", "The names were erased already.");
        }
        if (person.active()) {
            return new Administering.Refused("person", person.username() + " is active. Deactivate them first; erasing is for people who have left.");
        }
        String fullName = person.username() + "@" + me.tenantSlug();
        String name = typed.strip();
        if (!name.equals(person.displayName()) && !PersonName.of(name).equals(person.username()) && !PersonName.of(name).equals(fullName)) {
            return new Administering.Refused("name", "This is not their name. Type " + person.displayName() + " or " + person.username() + ".");
        }
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MOST_REASON) {
            return new Administering.Refused("reason", "Say in 1 to 1,000 characters why, for the record: who asked for it, and when.");
        }
        String lower = why.toLowerCase(Locale.ROOT);
        if (says(lower, person.username()) || says(lower, person.displayName().toLowerCase(Locale.ROOT))) {
            return new Administering.Refused("reason", "This names the person, and the record keeps it for ever. Say it without the name.");
        }
        Optional<String> lonely = person.teams().stream()
                .filter(team -> directory.team(team).filter(known -> known.members() == 1).isPresent())
                .findFirst();
        if (lonely.isPresent()) {
            return new Administering.Refused("person", "Team " + lonely.get() + " has no other member. Add one first, so that what it owns is somebody's.");
        }
        Optional<String> hindrance = ties.stream().flatMap(tie -> tie.hindersErasure(person.id()).stream()).findFirst();
        if (hindrance.isPresent()) {
            return new Administering.Refused("person", hindrance.get());
        }
        people.erase(me.actor(), person.id(), why);
        sessions.endAll(fullName);
        sessions.forget(person.username(), me.tenantSlug());
        throttle.succeeded(fullName);
        return new Administering.Done("Erased.", "The names are gone from every table, and nothing brings them back. What this account did stays on the record.");
    }

    private static String kept(Directory.Entry person) {
        return "The password of " + person.username() + " is the only one that does while passwords are closed. Name another administrator for that under Signing in first.";
    }

    private static boolean says(String words, String name) {
        return java.util.regex.Pattern.compile("(?<![\\p{L}\\p{N}])" + java.util.regex.Pattern.quote(name) + "(?![\\p{L}\\p{N}])").matcher(words).find();
    }

    @Transactional
    public Administering reactivate(CurrentPerson me, String username) {
        Optional<Directory.Entry> found = directory.person(username);
        if (found.isEmpty()) {
            return new Administering.Unknown();
        }
        if (found.get().erased()) {
            return new Administering.Refused("person", GONE);
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
        if (found.get().erased()) {
            return new Administering.Refused("person", GONE);
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
    void holdStill() {
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
