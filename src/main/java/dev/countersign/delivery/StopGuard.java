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
        return present.isEmpty()
                ? !wanted.rules().isEmpty() && (confirmed.isEmpty() || othersAllow)
                : compared(present.get(), wanted).map(comparison -> !comparison.newlyAllowed().isEmpty() || !comparison.proven()).orElse(true);
    }

    /// Empty where the two cannot be compared. Both allow, and select the same pods: what one of them lets through alone, it lets
    /// through among others too, and no more.
    private Optional<Comparison> compared(AuthorizationPolicy present, AuthorizationPolicy wanted) {
        return present.target().equals(wanted.target()) && enforcedAllow(present) && enforcedAllow(wanted)
                        && wanted.target() instanceof Target.Selector(Map<String, String> labels)
                ? Optional.of(Comparison.of(mesh, Workload.sidecar(wanted.metadata().namespace(), labels), List.of(present), List.of(wanted), Known.NOTHING))
                : Optional.empty();
    }

    private static boolean enforcedAllow(AuthorizationPolicy policy) {
        return policy.action() == Action.ALLOW && !policy.dryRun();
    }

    /// Nothing was written over `present`. Where that would have closed something too, a person has to know: nobody but another hand
    /// makes it so, for what the portal plans under a stop only closes.
    Receipt.Held held(Optional<AuthorizationPolicy> present, AuthorizationPolicy wanted) {
        boolean closesToo = present.isPresent() && compared(present.get(), wanted).map(comparison -> !comparison.newlyCut().isEmpty()).orElse(true);
        return new Receipt.Held(stop.words(), closesToo
                ? "Another hand changed the policy: putting it right would open something and close something. Release stop " + stop.number() + ", or close it in the cluster by hand."
                : stop.advice());
    }
}
