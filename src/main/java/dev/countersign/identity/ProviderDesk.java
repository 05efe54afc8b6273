package dev.countersign.identity;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.audit.Subject;
import dev.countersign.identity.oidc.IdentityProviders;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.FieldErrors;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// What a tenant administrator decides about signing in by an identity provider. Every change is recorded in the same transaction.
///
/// - The secret goes to no issuer and for no client that it was not given for: another one needs it anew.
/// - Another issuer is disabled until it was looked at, and whoever came in by the former is out.
/// - Passwords are closed only by somebody who has come in by the provider, and never that of one named administrator.
@Service
public class ProviderDesk {
    private final ProviderStore store;
    private final PersonLinks links;
    private final IdentityProviders providers;
    private final Directory directory;
    private final Administration administration;
    private final Sessions sessions;
    private final Tenants tenants;
    private final AuditLog audit;
    private final JdbcClient jdbc;

    ProviderDesk(ProviderStore store, PersonLinks links, IdentityProviders providers, Directory directory, Administration administration, Sessions sessions, Tenants tenants, AuditLog audit, JdbcClient jdbc) {
        this.store = store;
        this.links = links;
        this.providers = providers;
        this.directory = directory;
        this.administration = administration;
        this.sessions = sessions;
        this.tenants = tenants;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    /// The provider as an administrator sees it: everything but the secret. `emergency` is the username whose password does while
    /// those of the others are closed; `linked` of `people` active ones can come in by it.
    public record Shown(String issuer, String clientId, String label, String portal, long hours, Optional<Instant> enabledAt, Optional<Instant> passwordsClosedAt,
            Optional<String> emergency, int linked, int people) {
        public boolean enabled() {
            return enabledAt.isPresent();
        }

        public boolean passwordsClosed() {
            return passwordsClosedAt.isPresent();
        }
    }

    /// How a person stands with the provider. `codeUntil`: how long a code that was made for them can be used.
    public record Linking(boolean offered, Optional<Instant> linkedAt, Optional<Instant> codeUntil) {}

    /// What became of a setting: stored, or what is wrong with it by field.
    public sealed interface Setting {
        record Stored(String text) implements Setting {}

        record Refused(FieldErrors errors) implements Setting {}
    }

    @Transactional(readOnly = true)
    public Optional<Shown> shown() {
        return store.find().map(row -> jdbc.sql("""
                        select count(*) as people,
                               count(l.person_id) as linked,
                               max(p.username) filter (where p.id = :emergency) as emergency
                        from person p
                        left join person_link l on l.tenant_id = p.tenant_id and l.person_id = p.id and l.issuer = :issuer
                        where p.tenant_id = :tenant
                          and p.deactivated_at is null""")
                .param("tenant", CurrentTenant.require().value())
                .param("issuer", row.issuer())
                .param("emergency", row.emergency().orElse(null), java.sql.Types.OTHER)
                .query((found, number) -> new Shown(row.issuer(), row.clientId(), row.label(), row.portal(), row.longestSession().toHours(), row.enabledAt(), row.passwordsClosedAt(),
                        Optional.ofNullable(found.getString("emergency")), found.getInt("linked"), found.getInt("people")))
                .single());
    }

    /// The address to register at the provider.
    public static URI comesBackTo(String portal, String tenantSlug) {
        return ProviderStore.comesBackTo(portal, tenantSlug);
    }

    @Transactional
    public Setting set(CurrentPerson me, ProviderSetting wanted) {
        Optional<ProviderStore.Row> before = store.hold();
        boolean sameIssuer = before.filter(row -> row.issuer().equals(wanted.issuer())).isPresent();
        boolean sameClient = sameIssuer && before.filter(row -> row.clientId().equals(wanted.clientId())).isPresent();
        FieldErrors errors = wanted.refuses(sameClient);
        if (before.filter(row -> row.passwordsClosedAt().isPresent()).isPresent() && !sameClient) {
            errors = errors.with("issuer", "Open passwords first: nobody could sign in while another provider is not enabled.");
        }
        if (!errors.isEmpty()) {
            return new Setting.Refused(errors);
        }
        store.set(wanted, !sameClient);
        audit.append(new AuditEvent("sign-in.provider-set", me.actor(), subject(), "set the identity provider to " + wanted.issuer(),
                new ProviderSet(wanted.issuer(), wanted.clientId(), wanted.label(), wanted.portal(), wanted.longestHours(), !wanted.secret().isEmpty())));
        return new Setting.Stored(sameClient ? "It counts from the next sign-in on." : "Register the address below at the provider, then enable it.");
    }

    /// Asks the provider now. No transaction is open meanwhile.
    public Administering check() {
        return looked(row -> new Administering.Done("It is in order.", ""));
    }

    /// Lets people sign in by it, once it was looked at and found in order.
    public Administering enable(CurrentPerson me) {
        return looked(row -> tenants.inTenant(me.tenant(), () -> {
            Optional<ProviderStore.Row> present = store.hold();
            if (present.isEmpty() || !present.get().issuer().equals(row.issuer())) {
                return new Administering.Refused("provider", "Somebody set another provider meanwhile. Look at it, and enable that one.");
            }
            if (present.get().enabled()) {
                return new Administering.Done("Nothing changed.", "It was enabled already.");
            }
            store.enable();
            audit.append(new AuditEvent("sign-in.provider-enabled", me.actor(), subject(), "enabled signing in by " + row.issuer(), new ProviderRef(row.issuer())));
            return new Administering.Done("Enabled.", "Whoever has linked an account signs in by it. Make codes for the others on their pages.");
        }));
    }

    private Administering looked(java.util.function.Function<ProviderStore.Row, Administering> then) {
        Optional<ProviderStore.Row> row = tenants.inTenant(CurrentTenant.require(), store::find);
        if (row.isEmpty()) {
            return new Administering.Unknown();
        }
        return switch (providers.check(row.get().issuer())) {
            case IdentityProviders.Check.Wrong wrong -> new Administering.Refused("provider", "The provider " + wrong.words() + ".");
            case IdentityProviders.Check.Right right -> switch (then.apply(row.get())) {
                case Administering.Done done -> new Administering.Done(done.title(), (right.remark() + " " + done.text()).strip());
                case Administering.NewPassword made -> made;
                case Administering.LinkCode made -> made;
                case Administering.Refused refused -> refused;
                case Administering.Unknown unknown -> unknown;
            };
        };
    }

    /// Nobody signs in by it any more; passwords open again. Who is signed in stays so.
    @Transactional
    public Administering disable(CurrentPerson me) {
        Optional<ProviderStore.Row> row = store.hold();
        if (row.isEmpty()) {
            return new Administering.Unknown();
        }
        if (!row.get().enabled()) {
            return new Administering.Done("Nothing changed.", "It was not enabled.");
        }
        store.disable();
        audit.append(new AuditEvent("sign-in.provider-disabled", me.actor(), subject(), "disabled signing in by " + row.get().issuer()
                + (row.get().passwordsClosedAt().isPresent() ? " and opened passwords" : ""), new ProviderRef(row.get().issuer())));
        return new Administering.Done("Disabled.", "People sign in with their passwords.");
    }

    /// From now on only the password of `emergency` does.
    @Transactional
    public Administering closePasswords(CurrentPerson me, String emergency) {
        administration.holdStill();
        Optional<ProviderStore.Row> row = store.hold();
        if (row.isEmpty()) {
            return new Administering.Unknown();
        }
        if (!row.get().enabled()) {
            return new Administering.Refused("emergency", "Enable the provider first.");
        }
        if (!links.isLinked(me.id(), row.get().issuer())) {
            return new Administering.Refused("emergency", "Sign in by the provider once yourself, so that it is known to work: ask another administrator for a code.");
        }
        Optional<Directory.Entry> person = directory.person(emergency);
        if (person.isEmpty() || !person.get().active() || !person.get().hasPassword() || !person.get().roles().contains(Role.ADMINISTRATOR)) {
            return new Administering.Refused("emergency", "Name an active administrator who has a password, without the @tenant.");
        }
        store.closePasswords(person.get().id());
        audit.append(new AuditEvent("sign-in.passwords-closed", me.actor(), subject(),
                "closed passwords but that of " + Pseudonyms.of(person.get().id()), new PasswordsClosed(person.get().id())));
        return new Administering.Done("Passwords are closed.", "Everybody signs in by the provider. Keep the password of " + person.get().username() + " for the day on which it does not answer.");
    }

    @Transactional
    public Administering openPasswords(CurrentPerson me) {
        Optional<ProviderStore.Row> row = store.hold();
        if (row.isEmpty()) {
            return new Administering.Unknown();
        }
        if (row.get().passwordsClosedAt().isEmpty()) {
            return new Administering.Done("Nothing changed.", "Passwords were open already.");
        }
        store.openPasswords();
        audit.append(new AuditEvent("sign-in.passwords-opened", me.actor(), subject(), "opened passwords again", new ProviderRef(row.get().issuer())));
        return new Administering.Done("Passwords are open.", "People sign in by the provider or with a password.");
    }

    @Transactional(readOnly = true)
    public Linking linking(UUID person) {
        PersonLinks.Standing standing = links.of(person);
        Optional<ProviderStore.Row> row = store.find();
        return new Linking(row.isPresent(), row.flatMap(known -> standing.linkedAt(known.issuer())), standing.codeUntil());
    }

    /// A code for somebody else, to be shown once: whoever holds it decides which account is that person's.
    @Transactional
    public Administering makeCode(CurrentPerson me, String username) {
        Optional<Directory.Entry> person = directory.person(username);
        Optional<ProviderStore.Row> row = store.find();
        if (person.isEmpty() || row.isEmpty()) {
            return new Administering.Unknown();
        }
        if (!person.get().active()) {
            return new Administering.Refused("person", person.get().username() + " is deactivated and cannot come in. Reactivate them first.");
        }
        if (links.isLinked(person.get().id(), row.get().issuer())) {
            return new Administering.Refused("person", person.get().username() + " has linked an account. Unlink it first.");
        }
        return new Administering.LinkCode(person.get().username() + "@" + me.tenantSlug(), links.makeCode(me.actor(), person.get().id()));
    }

    @Transactional
    public Administering unlink(CurrentPerson me, String username) {
        Optional<Directory.Entry> person = directory.person(username);
        if (person.isEmpty()) {
            return new Administering.Unknown();
        }
        if (!links.unlink(me.actor(), person.get().id())) {
            return new Administering.Done("Nothing changed.", person.get().username() + " had no linked account and no code.");
        }
        if (!person.get().id().equals(me.id())) {
            sessions.endAll(person.get().username() + "@" + me.tenantSlug());
        }
        return new Administering.Done("Unlinked.", "Nobody comes in as " + person.get().username() + " by the provider before a new code was used.");
    }

    private static Subject subject() {
        return new Subject("sign-in", "provider");
    }

    private record ProviderSet(String issuer, String clientId, String label, String portal, int longestHours, boolean newSecret) {}

    private record ProviderRef(String issuer) {}

    private record PasswordsClosed(UUID emergency) {}
}
