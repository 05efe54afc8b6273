package dev.countersign.catalog;

import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.Spiffe;
import java.util.Optional;

/// A workload as those see it who are asked whether it may call: a fraction of what a `CatalogWorkload` costs.
///
/// - `serviceAccount`: empty where its pods name none.
/// - `owner`: the team that owns it, and gains by what it may call.
public record CallingWorkload(WorkloadKey key, String serviceAccount, Membership membership, Optional<TeamName> owner) {
    public String name() {
        return key.name();
    }

    /// Whom its calls come from, in a mesh of that trust domain.
    public Spiffe identity(String trustDomain) {
        return new Resident(key, serviceAccount).identity(trustDomain);
    }
}
