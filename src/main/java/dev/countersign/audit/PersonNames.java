package dev.countersign.audit;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Who the people of the current tenant are: asked by the record, which keeps pseudonyms, and answered by whoever keeps the
/// people. Every method joins the caller's transaction and is one statement.
public interface PersonNames {
    /// A person as of now. `fullName` (`engineer@acme`) and `displayName` are a pseudonym once the person was erased.
    interface Known {
        String fullName();

        String displayName();

        /// A text sealed for this person; empty once they were erased, or where it was not sealed for them.
        Optional<String> open(String sealed);
    }

    /// Those of the ids that are people of the tenant.
    Map<UUID, Known> known(Collection<UUID> ids);

    /// Ids of those of the usernames that belong to somebody.
    Map<String, UUID> ids(Collection<String> usernames);

    /// Whose username, full name or name for colleagues is exactly this, in any case; at most 100.
    List<UUID> called(String typed);

    /// The text under the person's own key, as letters, digits, `-` and `_`. Makes the key where there is none yet; never for
    /// somebody erased (IllegalStateException).
    String seal(UUID person, String text);
}
