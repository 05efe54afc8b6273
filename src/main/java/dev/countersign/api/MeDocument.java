package dev.countersign.api;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Who the token acts for, and what it may be used for.
record MeDocument(
        TenantDocument tenant, String username, String name, List<Role> roles, List<TeamDocument> teams, List<String> scopes, Optional<String> token) {
    record TenantDocument(String slug, String name) {}

    static MeDocument of(CurrentPerson me) {
        return new MeDocument(new TenantDocument(me.tenantSlug(), me.tenantName()), me.getName(), me.displayName(),
                me.roles().stream().sorted().toList(), me.teams().stream().map(TeamDocument::of).toList(),
                Arrays.stream(Scope.values()).filter(me::mayUse).map(Scope::word).toList(), me.token().map(CurrentPerson.TokenUse::name));
    }
}
