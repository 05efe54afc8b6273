package dev.countersign.identity;

import dev.countersign.tenancy.TenantId;
import java.io.Serializable;
import java.security.Principal;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a session remembers: who signed in, and since when where it was by the tenant's identity provider: such a session ends with the
/// person's link, and when it has lasted as long as the tenant lets it. Nothing of what they may do: that is read anew at every request.
record SignedIn(TenantId tenant, UUID person, String name, @Nullable Instant byProviderSince) implements Principal, Serializable {
    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
