package dev.countersign.identity;

import dev.countersign.identity.oidc.Client;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The identity provider of the current tenant as the database keeps it, its secret sealed.
@Component
class ProviderStore {
    private final JdbcClient jdbc;
    private final SecretBox box;

    ProviderStore(JdbcClient jdbc, SecretBox box) {
        this.jdbc = jdbc;
        this.box = box;
    }

    record Row(String issuer, String clientId, byte[] sealed, String label, String portal, Duration longestSession, Optional<Instant> enabledAt,
            Optional<Instant> passwordsClosedAt, Optional<UUID> emergency) {
        boolean enabled() {
            return enabledAt.isPresent();
        }
    }

    Optional<Row> find() {
        return jdbc.sql("""
                        select issuer,
                               client_id,
                               client_secret,
                               label,
                               portal,
                               extract(epoch from longest_session)::bigint as longest_session,
                               enabled_at,
                               passwords_closed_at,
                               emergency_person_id
                        from identity_provider
                        where tenant_id = ?""")
                .params(CurrentTenant.require().value())
                .query((row, number) -> new Row(row.getString("issuer"), row.getString("client_id"), row.getBytes("client_secret"), row.getString("label"),
                        row.getString("portal"), Duration.ofSeconds(row.getLong("longest_session")), instant(row.getObject("enabled_at", OffsetDateTime.class)),
                        instant(row.getObject("passwords_closed_at", OffsetDateTime.class)), Optional.ofNullable(row.getObject("emergency_person_id", UUID.class))))
                .optional();
    }

    /// As `find`, and nobody changes it before the transaction ends.
    Optional<Row> hold() {
        jdbc.sql("select issuer from identity_provider where tenant_id = ? for update").params(CurrentTenant.require().value()).query(String.class).optional();
        return find();
    }

    /// Keeps the secret that there is where `wanted` has none. `disables`: nobody can sign in by it before it is enabled again.
    void set(ProviderSetting wanted, boolean disables) {
        byte[] sealed = wanted.secret().isEmpty() ? null : box.seal(place(CurrentTenant.require()), wanted.secret().getBytes(StandardCharsets.UTF_8));
        jdbc.sql("""
                        insert into identity_provider as i (tenant_id, issuer, client_id, client_secret, label, portal, longest_session)
                        values (:tenant, :issuer, :client, coalesce(:secret, (select k.client_secret from identity_provider k where k.tenant_id = :tenant)), :label, :portal,
                                make_interval(hours => :hours))
                        on conflict (tenant_id) do update
                        set issuer = excluded.issuer,
                            client_id = excluded.client_id,
                            client_secret = excluded.client_secret,
                            label = excluded.label,
                            portal = excluded.portal,
                            longest_session = excluded.longest_session,
                            set_at = now(),
                            enabled_at = case when :disables then null else i.enabled_at end""")
                .param("tenant", CurrentTenant.require().value())
                .param("issuer", wanted.issuer())
                .param("client", wanted.clientId())
                .param("secret", sealed, java.sql.Types.BINARY)
                .param("label", wanted.label())
                .param("portal", wanted.portal())
                .param("hours", wanted.longestHours())
                .param("disables", disables)
                .update();
    }

    void enable() {
        jdbc.sql("update identity_provider set enabled_at = now() where tenant_id = ?").params(CurrentTenant.require().value()).update();
    }

    /// Opens passwords too.
    void disable() {
        jdbc.sql("update identity_provider set enabled_at = null, passwords_closed_at = null, emergency_person_id = null where tenant_id = ?")
                .params(CurrentTenant.require().value())
                .update();
    }

    void closePasswords(UUID emergency) {
        jdbc.sql("update identity_provider set passwords_closed_at = coalesce(passwords_closed_at, now()), emergency_person_id = ? where tenant_id = ?")
                .params(emergency, CurrentTenant.require().value())
                .update();
    }

    void openPasswords() {
        jdbc.sql("update identity_provider set passwords_closed_at = null, emergency_person_id = null where tenant_id = ?").params(CurrentTenant.require().value()).update();
    }

    Client client(Tenant tenant, Row row) {
        return new Client(row.issuer(), row.clientId(), new String(box.open(place(tenant.id()), row.sealed()), StandardCharsets.UTF_8), comesBackTo(row.portal(), tenant.slug()));
    }

    /// The address to register at the provider. Each tenant has its own, so that no provider's answer is taken for another's.
    static URI comesBackTo(String portal, String slug) {
        return URI.create(portal + "/sign-in/provider/" + slug + "/callback");
    }

    private static SecretBox.Place place(TenantId tenant) {
        return new SecretBox.Place(tenant, tenant.value(), "identity_provider.client_secret");
    }

    private static Optional<Instant> instant(@Nullable OffsetDateTime time) {
        return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
    }
}
