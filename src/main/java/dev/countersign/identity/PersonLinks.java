package dev.countersign.identity;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Who of the current tenant an account at a provider is: by the issuer and the id that the account has there for ever, never by a
/// name or an address. An account becomes somebody's by a code that an administrator made for that person, within three days, once.
@Component
class PersonLinks {
    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Pseudonyms pseudonyms;

    PersonLinks(JdbcClient jdbc, AuditLog audit, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.pseudonyms = pseudonyms;
    }

    /// How it stands with a person. `issuer` is that of the account; `codeUntil` is how long a code that was made can be used.
    record Standing(Optional<String> issuer, Optional<Instant> linkedAt, Optional<Instant> codeUntil) {
        Optional<Instant> linkedAt(String at) {
            return issuer.filter(at::equals).flatMap(_ -> linkedAt);
        }
    }

    Standing of(UUID person) {
        return jdbc.sql("""
                        select l.issuer,
                               l.linked_at,
                               c.expires_at
                        from person p
                        left join person_link l on l.tenant_id = p.tenant_id and l.person_id = p.id
                        left join person_link_code c on c.tenant_id = p.tenant_id and c.person_id = p.id and c.expires_at > now()
                        where p.tenant_id = ?
                          and p.id = ?""")
                .params(CurrentTenant.require().value(), person)
                .query((row, number) -> new Standing(Optional.ofNullable(row.getString("issuer")),
                        Optional.ofNullable(row.getObject("linked_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                        Optional.ofNullable(row.getObject("expires_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant)))
                .single();
    }

    Optional<UUID> person(String issuer, String subject) {
        return jdbc.sql("select person_id from person_link where tenant_id = ? and issuer = ? and subject = ?")
                .params(CurrentTenant.require().value(), issuer, subject)
                .query(UUID.class)
                .optional();
    }

    boolean isLinked(UUID person, String issuer) {
        return of(person).linkedAt(issuer).isPresent();
    }

    /// A new code; one made before no longer does.
    String makeCode(Actor by, UUID person) {
        String code = Passwords.random();
        jdbc.sql("""
                        insert into person_link_code (tenant_id, person_id, digest, expires_at)
                        values (?, ?, ?, now() + interval '3 days')
                        on conflict (tenant_id, person_id) do update
                        set digest = excluded.digest,
                            expires_at = excluded.expires_at""")
                .params(CurrentTenant.require().value(), person, digest(code))
                .update();
        audit.append(new AuditEvent("person.link-code-made", by, new Subject("person", person.toString()),
                "made a code for " + Pseudonyms.of(person) + " to link their account at the identity provider", new PersonRef(person)));
        return code;
    }

    /// Makes the account the person's whose code it is, and spends the code; empty, and nothing happened, where the code is nobody's or
    /// old, or the account is somebody's, or the person has one at this issuer or is deactivated. `tenantSlug` names the actor. Whoever
    /// calls holds the provider's row, so that one links at a time.
    Optional<UUID> link(String code, String issuer, String subject, String tenantSlug) {
        Optional<UUID> person = jdbc.sql("""
                        delete from person_link_code c
                        using person p
                        where c.tenant_id = :tenant
                          and c.digest = :digest
                          and c.expires_at > now()
                          and p.tenant_id = c.tenant_id
                          and p.id = c.person_id
                          and p.deactivated_at is null
                          and not exists (select from person_link l where l.tenant_id = c.tenant_id
                                          and l.issuer = :issuer
                                          and (l.person_id = c.person_id or l.subject = :subject))
                        returning c.person_id""")
                .param("tenant", CurrentTenant.require().value())
                .param("digest", digest(code))
                .param("issuer", issuer)
                .param("subject", subject)
                .query(UUID.class)
                .optional();
        person.ifPresent(linked -> {
            // What they were at a provider of before.
            jdbc.sql("delete from person_link where tenant_id = ? and person_id = ?").params(CurrentTenant.require().value(), linked).update();
            jdbc.sql("insert into person_link (tenant_id, person_id, issuer, subject) values (?, ?, ?, ?)")
                    .params(CurrentTenant.require().value(), linked, issuer, subject)
                    .update();
            String username = jdbc.sql("select username from person where tenant_id = ? and id = ?").params(CurrentTenant.require().value(), linked).query(String.class).single();
            audit.append(new AuditEvent("person.linked", new Actor(Actor.Kind.PERSON, linked.toString(), username + "@" + tenantSlug), new Subject("person", linked.toString()),
                    "linked an account at " + issuer, new Linked(linked, issuer, pseudonyms.seal(linked, subject))));
        });
        return person;
    }

    /// False where there was nothing to take away. Whoever is signed in by it is out at the next request.
    boolean unlink(Actor by, UUID person) {
        int codes = jdbc.sql("delete from person_link_code where tenant_id = ? and person_id = ?").params(CurrentTenant.require().value(), person).update();
        int links = jdbc.sql("delete from person_link where tenant_id = ? and person_id = ?").params(CurrentTenant.require().value(), person).update();
        if (codes + links > 0) {
            audit.append(new AuditEvent("person.unlinked", by, new Subject("person", person.toString()),
                    "unlinked the account of " + Pseudonyms.of(person) + " at the identity provider", new PersonRef(person)));
        }
        return codes + links > 0;
    }

    static byte[] digest(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private record PersonRef(UUID person) {}

    /// The account's id is sealed under the person's key.
    private record Linked(UUID person, String issuer, String subject) {}
}
