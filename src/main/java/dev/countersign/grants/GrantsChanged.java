package dev.countersign.grants;

import dev.countersign.policy.compile.TargetWorkload;
import java.util.List;
import java.util.UUID;

/// What is granted on these workloads in this cluster of the current tenant changed. Published in the transaction of the
/// change, before it commits. It only wakes: the truth is what `GrantLedger` answers.
public record GrantsChanged(UUID cluster, List<TargetWorkload> workloads) {
    public GrantsChanged {
        workloads = List.copyOf(workloads);
    }
}
