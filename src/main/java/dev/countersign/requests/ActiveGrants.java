package dev.countersign.requests;

import dev.countersign.policy.compile.GrantedAccess;
import java.util.List;
import java.util.UUID;

/// What is granted on a workload now: asked by requests to foresee an effect, answered by the room that grants.
public interface ActiveGrants {
    /// The active grants whose target is that workload in that cluster. Joins the caller's transaction.
    List<GrantedAccess> of(UUID cluster, String namespace, String workload);
}
