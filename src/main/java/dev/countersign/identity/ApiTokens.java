package dev.countersign.identity;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Bearer tokens of the REST API: scoped, expiring, shown once, kept as a hash. A token reads
/// `cs_<tenant>_<id, 32 hexadecimal digits>_<secret, 43 characters>`; it acts for its person, with that person's roles as
/// of each request, narrowed by its scopes.
@Service
public class ApiTokens {
    /// No token lives longer.
    public static final Duration LONGEST = Duration.ofDays(366);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient jdbc;
    private final People people;
    private final Tenants tenants;
    private final AuditLog audit;
    private final Pseudonyms pseudonyms;

    ApiTokens(JdbcClient jdbc, People people, Tenants tenants, AuditLog audit, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.people = people;
        this.tenants = tenants;
        this.audit = audit;
        this.pseudonyms = pseudonyms;
    }

    /// A token just made; `secret` is the whole bearer text, to be shown once and never stored.
    public record Issued(UUID id, String secret, Instant expiresAt) {
        @Override
        public String toString() {
            return "Issued[" + id + "]";
        }
    }

    /// A token as its owner and the administrator see it.
    public record Listed(
            UUID id, UUID person, String username, String name, List<String> scopes, Instant createdAt, Instant expiresAt,
            Optional<Instant> lastUsedAt, Optional<Instant> revokedAt) {
        /// Whether it can still be used: neither revoked nor past its end at `now`.
        public boolean liveAt(Instant now) {
            return revokedAt.isEmpty() && expiresAt.isAfter(now);
        }
    }

    /// Throws IllegalArgumentException for an empty scope set or a life that is not positive or over `LONGEST`.
    @Transactional
    public Issued issue(Actor by, UUID person, String name, Set<Scope> scopes, Duration life) {
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("choose at least one scope");
        }
        if (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a token lives between a moment and 366 days");
        }
        Tenant tenant = tenants.byId(CurrentTenant.require()).orElseThrow();
        UUID id = UUID.randomUUID();
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        String[] words = scopes.stream().map(Scope::word).sorted().toArray(String[]::new);
        Instant expires = jdbc.sql("""
                        insert into api_token (tenant_id, id, person_id, name, scopes, secret_hash, expires_at)
                        values (?, ?, ?, ?, ?, ?, now() + make_interval(secs => ?))
                        returning expires_at""")
                .params(tenant.id().value(), id, person, name, words, hash(secret), (double) life.toSeconds())
                .query(OffsetDateTime.class)
                .single()
                .toInstant();
        // A person's own words, and often their name: kept for as long as the person is.
        String sealed = pseudonyms.seal(person, name);
        audit.append(new AuditEvent("token.issued", by, new Subject("token", id.toString()),
                "issued token " + sealed + " with " + String.join(", ", words),
                new TokenIssued(id, person, sealed, List.of(words), expires)));
        return new Issued(id, "cs_" + tenant.slug() + "_" + id.toString().replace("-", "") + "_" + secret, expires);
    }

    /// False where there is no such live token in this tenant.
    @Transactional
    public boolean revoke(Actor by, UUID id) {
        return revoke(by, Optional.empty(), id);
    }

    /// As `revoke`, but only a token of this person.
    @Transactional
    public boolean revokeOwn(Actor by, UUID person, UUID id) {
        return revoke(by, Optional.of(person), id);
    }

    private boolean revoke(Actor by, Optional<UUID> person, UUID id) {
        int revoked = jdbc.sql("""
                        update api_token
                        set revoked_at = now(),
                            revoked_by = :by
                        where tenant_id = :tenant
                          and id = :id
                          and revoked_at is null
                          and (:person::uuid is null or person_id = :person::uuid)""")
                .param("by", by.name())
                .param("tenant", CurrentTenant.require().value())
                .param("id", id)
                .param("person", person.orElse(null))
                .update();
        if (revoked > 0) {
            audit.append(new AuditEvent("token.revoked", by, new Subject("token", id.toString()), "revoked a token",
                    new TokenRevoked(id)));
        }
        return revoked > 0;
    }

    /// How many tokens of the person could be used now.
    @Transactional(readOnly = true)
    public int live(UUID person) {
        return jdbc.sql("select count(*) from api_token where tenant_id = ? and person_id = ? and revoked_at is null and expires_at > now()")
                .params(CurrentTenant.require().value(), person)
                .query(Integer.class)
                .single();
    }

    /// All tokens of the tenant, or of one person, newest first.
    @Transactional(readOnly = true)
    public List<Listed> list(Optional<UUID> person) {
        return jdbc.sql("""
                        select t.id,
                               t.person_id,
                               p.username,
                               t.name,
                               t.scopes,
                               t.created_at,
                               t.expires_at,
                               t.last_used_at,
                               t.revoked_at
                        from api_token t
                        join person p on p.tenant_id = t.tenant_id and p.id = t.person_id
                        where t.tenant_id = :tenant
                          and (:person::uuid is null or t.person_id = :person::uuid)
                        order by t.created_at desc
                        limit 500""")
                .param("tenant", CurrentTenant.require().value())
                .param("person", person.orElse(null))
                .query((row, number) -> new Listed(row.getObject("id", UUID.class), row.getObject("person_id", UUID.class),
                        row.getString("username"), row.getString("name"), Arrays.asList((String[]) row.getArray("scopes").getArray()),
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(row.getObject("last_used_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                        Optional.ofNullable(row.getObject("revoked_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant)))
                .list();
    }

    /// The person behind a bearer text, or empty: malformed, unknown, expired, revoked, or of a deactivated person.
    Optional<CurrentPerson> authenticate(String bearer) {
        String[] parts = bearer.split("_", 4);
        if (parts.length != 4 || !parts[0].equals("cs") || !parts[2].matches("[0-9a-f]{32}") || parts[3].length() != 43) {
            return Optional.empty();
        }
        UUID id = uuid(parts[2]);
        byte[] presented = hash(parts[3]);
        return tenants.bySlug(parts[1]).flatMap(tenant -> tenants.inTenant(tenant.id(), () -> authenticate(tenant, id, presented)));
    }

    private Optional<CurrentPerson> authenticate(Tenant tenant, UUID id, byte[] presented) {
        record Row(UUID person, String name, Set<Scope> scopes, byte[] hash, boolean stale) {}
        Optional<Row> found = jdbc.sql("""
                        select person_id, name, scopes, secret_hash,
                               (last_used_at is null or last_used_at < now() - interval '1 minute') as stale
                        from api_token
                        where tenant_id = ?
                          and id = ?
                          and revoked_at is null
                          and expires_at > now()""")
                .params(tenant.id().value(), id)
                .query((row, number) -> new Row(row.getObject("person_id", UUID.class), row.getString("name"),
                        Arrays.stream((String[]) row.getArray("scopes").getArray()).flatMap(word -> Scope.ofWord(word).stream())
                                .collect(Collectors.toSet()),
                        row.getBytes("secret_hash"), row.getBoolean("stale")))
                .optional();
        // Compared in constant time, whether the token exists or not.
        if (!MessageDigest.isEqual(found.map(Row::hash).orElseGet(() -> new byte[32]), presented) || found.isEmpty()) {
            return Optional.empty();
        }
        Row row = found.get();
        if (row.stale()) {
            jdbc.sql("update api_token set last_used_at = now() where tenant_id = ? and id = ?")
                    .params(tenant.id().value(), id)
                    .update();
        }
        return people.byToken(tenant.id(), row.person(), new CurrentPerson.TokenUse(id, row.name(), row.scopes()));
    }

    private static UUID uuid(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    private static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private record TokenIssued(UUID id, UUID person, String name, List<String> scopes, Instant expiresAt) {}

    private record TokenRevoked(UUID id) {}
}
