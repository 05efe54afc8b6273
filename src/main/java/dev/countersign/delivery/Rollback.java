package dev.countersign.delivery;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.grants.Grant;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.Effect;
import java.util.List;
import java.util.Optional;

/// What rolling a policy back to an earlier revision would do, as it is shown before it is decided.
///
/// - `current`, `revision`: the one that stands, and the chosen one.
/// - `suspends`: the active grants that the chosen one did not carry.
/// - `ended`: the grants of the chosen one that have ended since: they do not come back.
/// - `kept`: the grants of the chosen one that another suspension keeps out: they stay out.
/// - `impossible`: why what is left cannot become a policy.
/// - `digest`: of all that, `sha256:` and 64 hex digits; a decision names it.
public record Rollback(
        ClusterRef cluster, TargetWorkload target, String policy, long current, long revision, List<Grant> suspends, List<Grant> ended, List<Grant> kept, Effect effect,
        Optional<String> impossible, String digest) {
    public Rollback {
        suspends = List.copyOf(suspends);
        ended = List.copyOf(ended);
        kept = List.copyOf(kept);
    }

    public String inCluster() {
        return target.namespace() + "/" + policy;
    }
}
