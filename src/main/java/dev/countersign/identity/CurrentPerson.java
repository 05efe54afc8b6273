package dev.countersign.identity;

import dev.countersign.audit.Actor;
import dev.countersign.tenancy.TenantId;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The person who is asking, as the database knows them at this request: roles and teams are never older than that.
/// Controllers receive it as `@AuthenticationPrincipal CurrentPerson me`.
///
/// - `username`: without the tenant; `name()` is the full `username@tenant`.
/// - `token`: the API token in use, empty in the browser.
public record CurrentPerson(
        TenantId tenant,
        String tenantSlug,
        String tenantName,
        UUID id,
        String username,
        String displayName,
        Set<Role> roles,
        List<TeamName> teams,
        Optional<TokenUse> token)
        implements Principal {

    /// The API token that this request came with.
    public record TokenUse(UUID id, String name, Set<Scope> scopes) {
        public TokenUse {
            scopes = Set.copyOf(scopes);
        }
    }

    public CurrentPerson {
        roles = Set.copyOf(roles);
        teams = List.copyOf(teams);
    }

    public boolean is(Role role) {
        return roles.contains(role);
    }

    public boolean memberOf(UUID team) {
        return teams.stream().anyMatch(mine -> mine.id().equals(team));
    }

    /// Whether the request may do what needs `scope`: always in the browser, only with the scope by token.
    public boolean mayUse(Scope scope) {
        return token.map(use -> use.scopes().contains(scope)).orElse(true);
    }

    /// `engineer@acme`.
    @Override
    public String getName() {
        return username + "@" + tenantSlug;
    }

    /// The actor of audit entries. A token acts for its person, whose id counts.
    public Actor actor() {
        return token.map(use -> new Actor(Actor.Kind.TOKEN, id.toString(), getName() + " by token " + use.name()))
                .orElseGet(() -> new Actor(Actor.Kind.PERSON, id.toString(), getName()));
    }
}
