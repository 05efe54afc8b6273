package dev.countersign.policy.eval;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.Collection;

/// Whether a call reaches a workload: CUSTOM, then DENY, then ALLOW; no ALLOW at all lets it pass.
public final class Authorizer {
    private Authorizer() {}

    /// The policies may be in any order and include ones that do not attach to the workload.
    public static Verdict decide(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload, Call call) {
        throw new IllegalStateException("not built yet");
    }
}
