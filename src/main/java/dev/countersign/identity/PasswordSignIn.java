package dev.countersign.identity;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/// Signs in by `username@tenant` and password, and platform operators by their name without a tenant. An unknown tenant, an unknown name, a deactivated person and a wrong password
/// take the same time and get the same answer. Successes and failures of known people are recorded.
@Component
class PasswordSignIn implements AuthenticationProvider {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordSignIn.class);

    private final Tenants tenants;
    private final PersonRepository persons;
    private final Operators operators;
    private final PasswordEncoder passwords;
    private final SignInThrottle throttle;
    private final AuditLog audit;
    private final PasswordPolicy policy;
    /// Compared against when there is nobody to compare with, so that silence costs the same.
    private final String nobodysHash;

    PasswordSignIn(Tenants tenants, PersonRepository persons, Operators operators, PasswordEncoder passwords, SignInThrottle throttle, AuditLog audit, PasswordPolicy policy) {
        this.tenants = tenants;
        this.persons = persons;
        this.operators = operators;
        this.passwords = passwords;
        this.throttle = throttle;
        this.audit = audit;
        this.policy = policy;
        this.nobodysHash = passwords.encode("nobody has this password");
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        String name = attempt.getName() == null ? "" : attempt.getName();
        String password = attempt.getCredentials() instanceof String text ? text : "";
        String address = attempt.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "unknown";
        if (throttle.refuses(name, address)) {
            throw new LockedException("too many failed sign-ins; try again in 15 minutes");
        }
        PersonName wanted = PersonName.parse(name);
        if (wanted.tenant().isEmpty()) {
            return operator(wanted.username(), password, name, address);
        }
        Optional<Tenant> tenant = tenants.bySlug(wanted.tenant());
        Optional<Person> person = tenant.flatMap(found -> tenants.inTenant(found.id(), () -> persons.findByUsername(wanted.username())));
        String hash = person.map(Person::passwordHash).orElse(nobodysHash);
        boolean right = password.length() <= 200 && passwords.matches(password, hash) && person.map(Person::active).orElse(false);
        if (!right) {
            throttle.failed(name, address);
            person.ifPresent(known -> record(tenant.orElseThrow(), known, "person.sign-in-failed", "failed to sign in"));
            throw new BadCredentialsException("name or password is wrong");
        }
        Tenant home = tenant.orElseThrow();
        Person known = person.orElseThrow();
        Optional<UUID> only = tenants.inTenant(home.id(), policy::onlyFor);
        if (only.filter(emergency -> !emergency.equals(known.id())).isPresent()) {
            // The same answer: whether a password is right is nobody's business where it opens nothing.
            throttle.failed(name, address);
            record(home, known, "person.sign-in-failed", "failed to sign in: passwords are closed");
            throw new BadCredentialsException("name or password is wrong");
        }
        throttle.succeeded(name);
        record(home, known, "person.signed-in", only.isPresent() ? "signed in by the password that is kept for emergencies" : "signed in by password");
        return authenticated(home, known.id(), known.username(), null);
    }

    private Authentication operator(String username, String password, String name, String address) {
        Optional<Operators.Known> operator = operators.byUsername(username);
        boolean right = password.length() <= 200 && passwords.matches(password, operator.map(Operators.Known::passwordHash).orElse(nobodysHash));
        if (!right || operator.isEmpty()) {
            throttle.failed(name, address);
            LOG.atWarn().addKeyValue("known", operator.isPresent()).log("A sign-in as platform operator failed");
            throw new BadCredentialsException("name or password is wrong");
        }
        throttle.succeeded(name);
        LOG.atInfo().addKeyValue("operator", operator.get().id()).log("A platform operator signed in");
        return UsernamePasswordAuthenticationToken.authenticated(
                new OperatorSignedIn(operator.get().id(), operator.get().username()), null, List.of());
    }

    static Authentication authenticated(Tenant tenant, UUID person, String username, @Nullable Instant byProviderSince) {
        return UsernamePasswordAuthenticationToken.authenticated(
                new SignedIn(tenant.id(), person, username + "@" + tenant.slug(), byProviderSince), null, List.of());
    }

    private void record(Tenant tenant, Person person, String kind, String sentence) {
        Actor actor = new Actor(Actor.Kind.PERSON, person.id().toString(), person.username() + "@" + tenant.slug());
        tenants.doInTenant(tenant.id(), () -> audit.append(new AuditEvent(kind, actor,
                new Subject("person", person.id().toString()), sentence, new SignInFact(person.id()))));
    }

    private record SignInFact(UUID person) {}

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }
}
