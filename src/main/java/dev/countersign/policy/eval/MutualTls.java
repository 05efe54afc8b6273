package dev.countersign.policy.eval;

import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TlsMode;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/// What a workload's port demands of callers, and whose word it is: the port section of the workload's policy, that
/// policy, the namespace's, the mesh's, or Istio's default (PERMISSIVE). UNSET inherits. Of two policies of one scope
/// the oldest counts and the other is ignored whole. Source: istio.md section 3.
public record MutualTls(TlsMode mode, From from, Optional<PeerAuthentication> policy) {
    /// The scope that decided.
    public enum From {
        DEFAULT,
        MESH,
        NAMESPACE,
        WORKLOAD,
        PORT
    }

    /// `port` is the workload's port, not the Service's. The policies may be of any namespace and in any order.
    public static MutualTls effective(
            String rootNamespace,
            Collection<PeerAuthentication> policies,
            String namespace,
            Map<String, String> labels,
            int port) {
        Optional<PeerAuthentication> workload = oldest(
                policies,
                policy -> policy.metadata().namespace().equals(namespace)
                        && !namespace.equals(rootNamespace)
                        && policy.target() instanceof Target.Selector(Map<String, String> wanted)
                        && labels.entrySet().containsAll(wanted.entrySet()));
        Optional<PeerAuthentication> ofNamespace = namespace.equals(rootNamespace)
                ? Optional.empty() // the root namespace's own policy is the mesh's
                : oldest(policies, policy -> everywhereIn(namespace, policy));
        Optional<PeerAuthentication> mesh = oldest(policies, policy -> everywhereIn(rootNamespace, policy));
        MutualTls wider = said(workload, From.WORKLOAD)
                .or(() -> said(ofNamespace, From.NAMESPACE))
                .or(() -> said(mesh, From.MESH))
                .orElseGet(() -> new MutualTls(TlsMode.PERMISSIVE, From.DEFAULT, Optional.empty()));
        Optional<TlsMode> ofPort = workload.map(policy -> policy.ports().get(port));
        // A port that is named and UNSET is the port section's word, with the mode of the wider scope.
        return ofPort.map(mode -> new MutualTls(isSaid(mode) ? mode : wider.mode(), From.PORT, workload))
                .orElse(wider);
    }

    private static Optional<MutualTls> said(Optional<PeerAuthentication> policy, From from) {
        return policy.filter(one -> isSaid(one.mode())).map(one -> new MutualTls(one.mode(), from, policy));
    }

    private static boolean isSaid(TlsMode mode) {
        return mode != TlsMode.UNSET;
    }

    private static boolean everywhereIn(String namespace, PeerAuthentication policy) {
        return policy.metadata().namespace().equals(namespace) && policy.target() instanceof Target.Everything;
    }

    private static Optional<PeerAuthentication> oldest(
            Collection<PeerAuthentication> policies, java.util.function.Predicate<PeerAuthentication> applies) {
        return policies.stream()
                .filter(applies)
                .min(Comparator.comparing((PeerAuthentication policy) ->
                                policy.metadata().creationTimestamp().orElse(Instant.EPOCH))
                        .thenComparing(policy -> policy.metadata().name()));
    }
}
