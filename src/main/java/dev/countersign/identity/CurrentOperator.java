package dev.countersign.identity;

import dev.countersign.audit.Actor;
import java.security.Principal;
import java.util.UUID;

/// A platform operator who is asking. Belongs to no tenant: no tenant is bound for the request, and row-level security shows
/// nothing of any.
public record CurrentOperator(UUID id, String username) implements Principal {
    /// `ROLE_OPERATOR`.
    static final String AUTHORITY = "ROLE_OPERATOR";

    @Override
    public String getName() {
        return username;
    }

    public Actor actor() {
        return new Actor(Actor.Kind.OPERATOR, id.toString(), username);
    }
}
