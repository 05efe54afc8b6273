package dev.countersign.identity;

import dev.countersign.audit.PersonNames;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import dev.countersign.tenancy.SecretBox.Place;
import dev.countersign.tenancy.SecretKey;
import dev.countersign.tenancy.TenantId;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The names of people, and the key that each has for what the record keeps sealed of them: AES-256, made at first use, itself
/// sealed by `countersign.secrets.key` for its tenant and person. Without the key, what it sealed is gone.
///
/// A sealed text is base64url of what a `SecretBox` of that key seals, bound to tenant and person.
@Component
class PersonKeys implements PersonNames {
    private static final String COLUMN = "person_key.sealed_key";
    private static final String SEALED = "audit_entry.content";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient jdbc;
    private final SecretBox box;

    PersonKeys(JdbcClient jdbc, SecretBox box) {
        this.jdbc = jdbc;
        this.box = box;
    }

    /// The key is opened only where something sealed is read: names need none.
    private record Found(TenantId tenant, UUID id, String fullName, String displayName, Supplier<Optional<SecretBox>> key) implements Known {
        @Override
        public Optional<String> open(String sealed) {
            return key.get().flatMap(own -> opened(own, tenant, id, sealed));
        }

        @Override
        public String toString() {
            return "Found[" + id + "]";
        }
    }

    @Override
    public Map<UUID, Known> known(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        TenantId tenant = CurrentTenant.require();
        Map<UUID, Known> known = new HashMap<>();
        jdbc.sql("""
                        select p.id,
                               p.display_name,
                               p.username || '@' || t.slug as full_name,
                               p.erased_at is not null as erased,
                               k.sealed_key
                        from person p
                        join tenant t on t.id = p.tenant_id
                        left join person_key k on k.tenant_id = p.tenant_id and k.person_id = p.id
                        where p.tenant_id = :tenant
                          and p.id = any(:ids)""")
                .param("tenant", tenant.value())
                .param("ids", ids.toArray(UUID[]::new))
                .query(row -> {
                    UUID id = row.getObject("id", UUID.class);
                    byte[] sealedKey = row.getBytes("sealed_key");
                    known.put(id, new Found(tenant, id, row.getBoolean("erased") ? Pseudonyms.erased(id) : row.getString("full_name"),
                            row.getString("display_name"), () -> key(tenant, id, sealedKey)));
                });
        return known;
    }

    @Override
    public Map<String, UUID> ids(Collection<String> usernames) {
        Map<String, UUID> ids = new HashMap<>();
        jdbc.sql("select username, id from person where tenant_id = :tenant and username = any(:usernames)")
                .param("tenant", CurrentTenant.require().value())
                .param("usernames", usernames.toArray(String[]::new))
                .query(row -> {
                    ids.put(row.getString("username"), row.getObject("id", UUID.class));
                });
        return ids;
    }

    @Override
    public List<UUID> called(String typed) {
        return jdbc.sql("""
                        select p.id
                        from person p
                        join tenant t on t.id = p.tenant_id
                        where p.tenant_id = :tenant
                          and (p.username = :name or p.username || '@' || t.slug = :name or lower(p.display_name) = :name)
                        limit 100""")
                .param("tenant", CurrentTenant.require().value())
                .param("name", typed.strip().toLowerCase(Locale.ROOT))
                .query(UUID.class)
                .list();
    }

    @Override
    public String seal(UUID person, String text) {
        TenantId tenant = CurrentTenant.require();
        byte[] sealed = own(tenant, person).seal(new Place(tenant, person, SEALED), text.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }

    /// The person's key, made now where there is none. Two that make it at once agree: the second takes the first's.
    private SecretBox own(TenantId tenant, UUID person) {
        return stored(tenant, person).orElseGet(() -> {
            byte[] key = new byte[32];
            RANDOM.nextBytes(key);
            int made = jdbc.sql("""
                            insert into person_key (tenant_id, person_id, sealed_key)
                            select p.tenant_id, p.id, :key
                            from person p
                            where p.tenant_id = :tenant
                              and p.id = :person
                              and p.erased_at is null
                            on conflict on constraint person_key_pk do nothing""")
                    .param("key", box.seal(new Place(tenant, person, COLUMN), key))
                    .param("tenant", tenant.value())
                    .param("person", person)
                    .update();
            return made == 1 ? boxOf(key)
                    : stored(tenant, person).orElseThrow(() -> new IllegalStateException("person " + person + " has no key: unknown or erased"));
        });
    }

    private Optional<SecretBox> stored(TenantId tenant, UUID person) {
        return jdbc.sql("select sealed_key from person_key where tenant_id = ? and person_id = ?")
                .params(tenant.value(), person)
                .query((row, number) -> row.getBytes("sealed_key"))
                .optional()
                .flatMap(sealed -> key(tenant, person, sealed));
    }

    private Optional<SecretBox> key(TenantId tenant, UUID person, byte @Nullable [] sealed) {
        return Optional.ofNullable(sealed).map(bytes -> boxOf(box.open(new Place(tenant, person, COLUMN), bytes)));
    }

    private static SecretBox boxOf(byte[] key) {
        return new SecretBox(new SecretKey(key), List.of());
    }

    /// Empty where the key, the place or the bytes are not those that were sealed: anybody can write something that looks sealed.
    private static Optional<String> opened(SecretBox own, TenantId tenant, UUID person, String sealed) {
        try {
            return Optional.of(new String(own.open(new Place(tenant, person, SEALED), Base64.getUrlDecoder().decode(sealed)), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | IllegalStateException notSealed) {
            return Optional.empty();
        }
    }
}
