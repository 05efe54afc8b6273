package dev.countersign.identity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.TenantId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/// A person of a tenant.
@Entity
@Table(name = "person")
class Person implements Persistable<UUID> {
    @Id
    private UUID id;

    @TenantId
    @Column(name = "tenant_id")
    private @Nullable UUID tenantId;

    private String username;

    private String displayName;

    private @Nullable String passwordHash;

    @Column(insertable = false, updatable = false)
    private @Nullable Instant deactivatedAt;

    @Version
    private @Nullable Long version;

    @SuppressWarnings("NullAway")
    protected Person() {}

    Person(UUID id, String username, String displayName, @Nullable String passwordHash) {
        this.id = id;
        this.username = username;
        this.displayName = displayName;
        this.passwordHash = passwordHash;
    }

    UUID id() {
        return id;
    }

    String username() {
        return username;
    }

    String displayName() {
        return displayName;
    }

    @Nullable String passwordHash() {
        return passwordHash;
    }

    boolean active() {
        return deactivatedAt == null;
    }

    @Override
    public UUID getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return version == null;
    }
}
