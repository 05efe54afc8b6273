package dev.countersign.identity;

import dev.countersign.tenancy.TenantId;
import java.io.Serializable;
import java.security.Principal;
import java.util.UUID;

/// What a session remembers: who signed in. Nothing of what they may do: that is read anew at every request.
record SignedIn(TenantId tenant, UUID person, String name) implements Principal, Serializable {
    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
