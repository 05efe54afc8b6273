package dev.countersign.api;

import dev.countersign.clusters.ClusterView;
import dev.countersign.delivery.Breaker;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A registered cluster and whether it answers. Nothing secret is in it: `credentials` says only of what kind they are.
/// `deliveryPaused`: there while nothing is delivered to it because it does not take anything.
record ClusterDocument(
        String name, State state, Optional<Instant> lastAnsweredAt, Optional<Instant> failingSince, Optional<String> lastError, String apiServer,
        String credentials, String kubernetesVersion, Optional<String> istioVersion, String trustDomain, List<String> trustDomainAliases, String rootNamespace,
        String pathNormalization, List<String> namespaces, Instant registeredAt, String registeredBy, Optional<RetirementDocument> retirement,
        Optional<PauseDocument> deliveryPaused) {
    enum State {
        /// Registered and not heard of yet.
        UNKNOWN,
        REACHABLE,
        UNREACHABLE,
        RETIRED
    }

    record RetirementDocument(Instant at, String by, String reason) {}

    /// `words`: what the cluster said last; `probeAt`: when one policy is tried again.
    record PauseDocument(Instant since, Instant probeAt, String words) {}

    record ClusterListDocument(List<ClusterDocument> items) {}

    /// `warnings`: what an administrator should know, such as rights that go too far.
    record RegisteredDocument(ClusterDocument cluster, List<String> warnings) {}

    static ClusterDocument of(ClusterView view, Optional<Breaker> breaker) {
        return new ClusterDocument(view.name(), state(view), view.state().lastOkAt(), view.state().failingSince(), view.state().lastError(),
                view.apiServer(), view.credentials(), view.kubernetesVersion(), view.istioVersion(), view.trustDomain(), view.trustDomainAliases(), view.rootNamespace(),
                view.pathNormalization(), view.namespaces(), view.registeredAt(), view.registeredBy(),
                view.retirement().map(end -> new RetirementDocument(end.at(), end.by(), end.reason())),
                breaker.map(open -> new PauseDocument(open.openedAt(), open.probeAt(), open.words())));
    }

    private static State state(ClusterView view) {
        if (view.retirement().isPresent()) {
            return State.RETIRED;
        }
        if (view.state().reachable()) {
            return State.REACHABLE;
        }
        return view.state().failingSince().isPresent() ? State.UNREACHABLE : State.UNKNOWN;
    }
}
