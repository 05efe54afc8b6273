package dev.countersign.policy.compile;

import dev.countersign.policy.model.AuthorizationPolicy;
import java.util.Comparator;
import java.util.List;

/// The policies of one cluster that our grants ask for, ordered by namespace and name.
public record PolicySet(List<CompiledPolicy> policies) {
    public static final PolicySet EMPTY = new PolicySet(List.of());

    public PolicySet {
        policies = policies.stream()
                .sorted(Comparator.comparing((CompiledPolicy p) -> p.policy().metadata().namespace())
                        .thenComparing(p -> p.policy().metadata().name()))
                .toList();
    }

    /// The bare objects, without a revision.
    public List<AuthorizationPolicy> objects() {
        return policies.stream().map(CompiledPolicy::policy).toList();
    }
}
