package dev.countersign.identity;

import java.io.Serializable;
import java.security.Principal;
import java.util.UUID;

/// What a session of a platform operator remembers. The name has no `@`, so no person of a tenant has it.
record OperatorSignedIn(UUID operator, String name) implements Principal, Serializable {
    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
