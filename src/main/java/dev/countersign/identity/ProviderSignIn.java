package dev.countersign.identity;

import dev.countersign.identity.oidc.Client;
import dev.countersign.identity.oidc.IdentityProviders;
import dev.countersign.identity.oidc.Way;
import dev.countersign.tenancy.SecretBox;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// Signs people in by their tenant's identity provider. What a sign-in under way must remember is sealed and lies in the browser, so
/// that any replica goes on with it; that an answer counts once is in the database. No transaction is open while a provider is asked.
///
/// It gives nobody a right: an account that is linked to nobody opens nothing.
@Service
public class ProviderSignIn {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderSignIn.class);
    private static final String WAY = "sign-in under way";
    private static final String NEWCOMER = "account to link";
    private static final int LONGEST_KEPT = 4_000;

    private final Tenants tenants;
    private final ProviderStore store;
    private final PersonLinks links;
    private final IdentityProviders providers;
    private final SignIn signIn;
    private final SignInThrottle throttle;
    private final SecretBox box;
    private final JdbcClient jdbc;

    ProviderSignIn(Tenants tenants, ProviderStore store, PersonLinks links, IdentityProviders providers, SignIn signIn, SignInThrottle throttle, SecretBox box, JdbcClient jdbc) {
        this.tenants = tenants;
        this.store = store;
        this.links = links;
        this.providers = providers;
        this.signIn = signIn;
        this.throttle = throttle;
        this.box = box;
        this.jdbc = jdbc;
    }

    /// What a stranger may know of a tenant that has a provider.
    public record Door(String slug, String label, boolean passwordsClosed) {}

    /// Why nobody was signed in, as a page says it.
    public enum Told {
        /// The provider did not answer, or not in order.
        AWAY,
        /// What came back is not believed.
        REFUSED,
        /// The browser has lost the beginning, or it was used, or is too long ago.
        AGAIN,
        /// The person or the provider did not want it.
        DENIED,
        /// The account is linked to nobody here.
        UNLINKED,
        /// The code is nobody's.
        CODE,
        /// The person's access was taken away.
        OVER
    }

    /// A sign-in begun: lead the browser to `to`, and let it keep `kept`.
    public sealed interface Beginning {
        record Begun(URI to, String kept) implements Beginning {}

        record Not(Told why) implements Beginning {}

        record Nowhere() implements Beginning {}
    }

    public sealed interface Arrival {
        record In() implements Arrival {}

        /// It is known who it is there, but not here: let the browser keep `kept` until a code comes.
        record Unlinked(String kept) implements Arrival {}

        record Not(Told why) implements Arrival {}

        record Nowhere() implements Arrival {}
    }

    private record Open(Tenant tenant, ProviderStore.Row row, Instant now) {}

    /// Empty for an unknown tenant and for one without a provider alike.
    public Optional<Door> door(String slug) {
        return open(slug).map(open -> new Door(open.tenant().slug(), open.row().label(), open.row().passwordsClosedAt().isPresent()));
    }

    public Beginning begin(String slug) {
        Optional<Open> open = open(slug);
        if (open.isEmpty()) {
            return new Beginning.Nowhere();
        }
        Tenant tenant = open.get().tenant();
        return switch (providers.begin(store.client(tenant, open.get().row()), open.get().now())) {
            case IdentityProviders.Beginning.Begun(URI to, Way way) -> new Beginning.Begun(to, seal(tenant, WAY, way.text()));
            case IdentityProviders.Beginning.Away(String words) -> {
                log(tenant, words);
                yield new Beginning.Not(Told.AWAY);
            }
        };
    }

    /// `answer`: what the provider made the browser bring; `kept`: what the browser kept since the beginning, or empty text.
    public Arrival arrive(String slug, Map<String, List<String>> answer, String kept, HttpServletRequest request, HttpServletResponse response) {
        Optional<Open> found = open(slug);
        if (found.isEmpty()) {
            return new Arrival.Nowhere();
        }
        Open open = found.get();
        Tenant tenant = open.tenant();
        List<String> states = answer.getOrDefault("state", List.of());
        Optional<Way> way = open(tenant, WAY, kept).flatMap(Way::parse);
        if (way.isEmpty() || states.size() != 1 || !same(states.getFirst(), way.get().state()) || way.get().isOver(open.now()) || !spend(tenant, way.get())) {
            return new Arrival.Not(Told.AGAIN);
        }
        Client client = store.client(tenant, open.row());
        return switch (providers.finish(client, way.get(), answer, this::now)) {
            case IdentityProviders.Ending.Identified(String subject) -> identified(tenant, client.issuer(), subject, request, response);
            case IdentityProviders.Ending.Denied() -> new Arrival.Not(Told.DENIED);
            case IdentityProviders.Ending.Refused(String words) -> {
                log(tenant, words);
                yield new Arrival.Not(Told.REFUSED);
            }
            case IdentityProviders.Ending.Away(String words) -> {
                log(tenant, words);
                yield new Arrival.Not(Told.AWAY);
            }
        };
    }

    private Arrival identified(Tenant tenant, String issuer, String subject, HttpServletRequest request, HttpServletResponse response) {
        Optional<UUID> person = tenants.inTenant(tenant.id(), () -> links.person(issuer, subject));
        if (person.isEmpty()) {
            return new Arrival.Unlinked(seal(tenant, NEWCOMER, String.join("\n", issuer, subject, Long.toString(now().getEpochSecond()))));
        }
        return signIn.establishByProvider(tenant, person.get(), request, response) ? new Arrival.In() : new Arrival.Not(Told.OVER);
    }

    /// Links the account that has just shown itself to whose code it is, and signs them in. Ten wrong codes for an account close its door.
    public Arrival link(String slug, String kept, String code, HttpServletRequest request, HttpServletResponse response) {
        Optional<Open> found = open(slug);
        if (found.isEmpty()) {
            return new Arrival.Nowhere();
        }
        Tenant tenant = found.get().tenant();
        String[] account = open(tenant, NEWCOMER, kept).orElse("").split("\n", -1);
        if (account.length != 3 || !account[0].equals(found.get().row().issuer())
                || found.get().now().isAfter(Instant.ofEpochSecond(Long.parseLong(account[2])).plus(Way.LIVES))) {
            return new Arrival.Not(Told.AGAIN);
        }
        String guess = "code of " + account[1] + " " + account[0];
        if (throttle.refuses(guess, request.getRemoteAddr())) {
            return new Arrival.Not(Told.CODE);
        }
        Optional<UUID> person = code.length() > 100 ? Optional.empty()
                : tenants.inTenant(tenant.id(), () -> store.hold()
                        .filter(row -> row.enabled() && row.issuer().equals(account[0]))
                        .flatMap(_ -> links.link(PersonName.of(code), account[0], account[1], tenant.slug())));
        if (person.isEmpty()) {
            throttle.failed(guess, request.getRemoteAddr());
            return new Arrival.Not(Told.CODE);
        }
        return signIn.establishByProvider(tenant, person.get(), request, response) ? new Arrival.In() : new Arrival.Not(Told.OVER);
    }

    private Optional<Open> open(String slug) {
        return tenants.bySlug(slug).flatMap(tenant -> tenants.inTenant(tenant.id(), store::find)
                .filter(ProviderStore.Row::enabled)
                .map(row -> new Open(tenant, row, now())));
    }

    /// False where it was spent before, on whichever replica.
    private boolean spend(Tenant tenant, Way way) {
        return tenants.inTenant(tenant.id(), () -> {
            jdbc.sql("delete from spent_sign_in where tenant_id = ? and spent_at < now() - interval '1 hour'").params(tenant.id().value()).update();
            return jdbc.sql("insert into spent_sign_in (tenant_id, digest) values (?, ?) on conflict do nothing")
                    .params(tenant.id().value(), PersonLinks.digest(way.state()))
                    .update() == 1;
        });
    }

    private Instant now() {
        return jdbc.sql("select clock_timestamp()").query(OffsetDateTime.class).single().toInstant();
    }

    private String seal(Tenant tenant, String what, String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(box.seal(place(tenant, what), text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Empty for what was not sealed by us, for this tenant and this use.
    private Optional<String> open(Tenant tenant, String what, String kept) {
        if (kept.isEmpty() || kept.length() > LONGEST_KEPT) {
            return Optional.empty();
        }
        try {
            return Optional.of(new String(box.open(place(tenant, what), Base64.getUrlDecoder().decode(kept)), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | IllegalStateException notOurs) {
            return Optional.empty();
        }
    }

    private static SecretBox.Place place(Tenant tenant, String what) {
        return new SecretBox.Place(tenant.id(), tenant.id().value(), what);
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static void log(Tenant tenant, String words) {
        LOG.atWarn().addKeyValue("tenant", tenant.slug()).addKeyValue("provider", words).log("A sign-in by an identity provider failed");
    }
}
