package dev.countersign.identity;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// What everyone may do with their own account: the password, the tokens, the sessions. Never anybody else's.
@Service
public class Account {
    /// Live tokens of one person.
    static final int MOST_TOKENS = 50;

    private final People people;
    private final PersonRepository persons;
    private final ApiTokens tokens;
    private final Sessions sessions;
    private final PasswordEncoder passwords;
    private final SignInThrottle throttle;
    private final AuditLog audit;

    Account(People people, PersonRepository persons, ApiTokens tokens, Sessions sessions, PasswordEncoder passwords, SignInThrottle throttle, AuditLog audit) {
        this.people = people;
        this.persons = persons;
        this.tokens = tokens;
        this.sessions = sessions;
        this.passwords = passwords;
        this.throttle = throttle;
        this.audit = audit;
    }

    /// A session as its person sees it; `present` is the one that asks.
    public record OpenSession(Instant begunAt, Instant lastUsedAt, boolean present) {}

    /// A token asked for: made (its secret is shown once) or refused with the field that must change.
    public sealed interface TokenWish {
        record Made(ApiTokens.Issued token) implements TokenWish {}

        record Refused(String field, String why) implements TokenWish {}
    }

    /// Changes one's own password and ends one's other sessions. Ten wrong present passwords close this door too.
    @Transactional
    public Administering changePassword(CurrentPerson me, String present, String wanted, String repeated, String presentSession) {
        String hash = persons.findById(me.id()).map(Person::passwordHash).orElse(null);
        if (hash == null) {
            return new Administering.Refused("present", "You sign in by other means and have no password here. Ask an administrator for one.");
        }
        if (throttle.refuses(me.getName(), me.getName())) {
            return new Administering.Refused("present", "There were too many wrong passwords. Wait 15 minutes and try again.");
        }
        if (present.length() > 200 || !passwords.matches(present, hash)) {
            throttle.failed(me.getName(), me.getName());
            return new Administering.Refused("present", "This is not your present password.");
        }
        Optional<String> refusal = Passwords.refuses(wanted, me.username());
        if (refusal.isPresent()) {
            return new Administering.Refused("wanted", refusal.get());
        }
        if (!wanted.equals(repeated)) {
            return new Administering.Refused("repeated", "The two do not agree. Type the new password again.");
        }
        people.setPassword(me.actor(), me.id(), wanted);
        int ended = sessions.endOthers(me.getName(), presentSession);
        return new Administering.Done("Password changed.", ended == 0 ? "Use it from now on." : "Your other sessions are signed out.");
    }

    @Transactional
    public TokenWish issueToken(CurrentPerson me, String name, Set<Scope> scopes, int days) {
        String shown = name.strip();
        if (shown.isEmpty() || shown.length() > 100) {
            return new TokenWish.Refused("name", "Say what the token is for, in at most 100 characters: \"nightly pipeline\".");
        }
        if (scopes.isEmpty()) {
            return new TokenWish.Refused("scopes", "Choose at least one thing that the token may do.");
        }
        if (scopes.contains(Scope.ADMIN) && !me.is(Role.ADMINISTRATOR)) {
            return new TokenWish.Refused("scopes", "Only administrators can use the scope admin. Leave it away.");
        }
        if (days < 1 || days > ApiTokens.LONGEST.toDays()) {
            return new TokenWish.Refused("days", "Choose between 1 and " + ApiTokens.LONGEST.toDays() + " days.");
        }
        if (tokens.live(me.id()) >= MOST_TOKENS) {
            return new TokenWish.Refused("name", "You have " + MOST_TOKENS + " tokens. Revoke one that is no longer used.");
        }
        return new TokenWish.Made(tokens.issue(me.actor(), me.id(), shown, scopes, Duration.ofDays(days)));
    }

    /// Empty answer (`Unknown`) for a token that is not one's own.
    @Transactional
    public Administering revokeToken(CurrentPerson me, UUID token) {
        return tokens.revokeOwn(me.actor(), me.id(), token)
                ? new Administering.Done("Revoked.", "The token opens nothing from its next use on.")
                : new Administering.Unknown();
    }

    @Transactional(readOnly = true)
    public List<OpenSession> sessions(CurrentPerson me, String presentSession) {
        return sessions.of(me.getName(), presentSession);
    }

    @Transactional
    public Administering signOutOthers(CurrentPerson me, String presentSession) {
        int ended = sessions.endOthers(me.getName(), presentSession);
        if (ended > 0) {
            audit.append(new AuditEvent("person.sessions-ended", me.actor(), new Subject("person", me.id().toString()),
                    "signed out " + ended + (ended == 1 ? " other session" : " other sessions"), new SessionsEnded(me.id(), ended)));
        }
        return new Administering.Done("Signed out elsewhere.", ended == 0 ? "There was no other session." : ended + (ended == 1 ? " session was ended." : " sessions were ended."));
    }

    private record SessionsEnded(UUID person, int sessions) {}
}
