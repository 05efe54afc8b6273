package dev.countersign.catalog;

import dev.countersign.policy.model.Spiffe;

/// A workload as those see it whom it calls: by its identity. `serviceAccount`: empty where its pods name none.
public record Resident(WorkloadKey key, String serviceAccount) {
    /// Whom its calls come from, in a mesh of that trust domain.
    public Spiffe identity(String trustDomain) {
        return new Spiffe(trustDomain, key.namespace(), serviceAccount.isEmpty() ? "default" : serviceAccount);
    }
}
