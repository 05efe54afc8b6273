package dev.countersign.delivery;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a courier may write while a stop holds: nothing of which it is not proven that it opens nothing. Judged by the policies
/// alone, whatever was planned, against what is in the cluster at the moment of writing.
///
/// Doubt is on the side of waiting: an opening that goes by mistake lets somebody in whom a person wanted out, and is not
/// taken back by noticing it; a closing that waits by mistake is told in words, and leaves a call open that was open before.
///
/// - `confirmed`: what the cluster confirmed last; empty where nothing was. Then only a policy that matches nothing goes.
/// - `othersAllow`: whether another policy is known around the workload that allows, or cannot be read. Where there is none, a
///   policy of ours that is missing leaves the workload open to everyone, and putting it back only closes.
record StopGuard(DeliveryStop stop, MeshSettings mesh, Optional<AuthorizationPolicy> confirmed, boolean othersAllow) {
    /// Whether writing `wanted` where `present` is might let any call pass that does not pass now.
    boolean mayOpen(Optional<AuthorizationPolicy> present, AuthorizationPolicy wanted) {
        if (present.isEmpty()) {
            return !wanted.rules().isEmpty() && (confirmed.isEmpty() || othersAllow);
        }
        AuthorizationPolicy before = present.get();
        if (!before.target().equals(wanted.target()) || !enforcedAllow(before) || !enforcedAllow(wanted)
                || !(wanted.target() instanceof Target.Selector(Map<String, String> labels))) {
            return true;
        }
        // Both allow, and select the same pods: what one of them lets through alone, it lets through among others too, and no more.
        Comparison comparison = Comparison.of(mesh, Workload.sidecar(wanted.metadata().namespace(), labels), List.of(before), List.of(wanted), Known.NOTHING);
        return !comparison.newlyAllowed().isEmpty() || !comparison.proven();
    }

    private static boolean enforcedAllow(AuthorizationPolicy policy) {
        return policy.action() == Action.ALLOW && !policy.dryRun();
    }

    Receipt.Held held() {
        return new Receipt.Held(stop.words(), stop.advice());
    }
}
