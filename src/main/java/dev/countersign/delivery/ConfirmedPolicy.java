package dev.countersign.delivery;

import dev.countersign.policy.model.AuthorizationPolicy;
import java.util.Set;

/// The policy of a workload as its cluster confirmed it last, and the grants that are in it.
record ConfirmedPolicy(Set<String> grants, AuthorizationPolicy policy) {
    ConfirmedPolicy {
        grants = Set.copyOf(grants);
    }
}
