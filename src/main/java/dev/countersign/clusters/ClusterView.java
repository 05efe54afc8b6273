package dev.countersign.clusters;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A registered cluster, to show and to reason with; nothing secret is in it.
///
/// - `uid`: the fingerprint of the cluster (the uid of its namespace kube-system): the same behind any address.
/// - `namespaces`: those that the tenant owns in it, sorted.
/// - `istioVersion`: empty where it could not be seen.
/// - `credentials`: what kind ("token", "client certificate", "in-cluster").
public record ClusterView(
        UUID id,
        String name,
        String apiServer,
        String credentials,
        String trustDomain,
        List<String> trustDomainAliases,
        String rootNamespace,
        String kubernetesVersion,
        Optional<String> istioVersion,
        String pathNormalization,
        String uid,
        List<String> namespaces,
        Instant registeredAt,
        String registeredBy,
        Optional<Retirement> retirement,
        State state) {

    public record Retirement(Instant at, String by, String reason) {}

    /// Whether the cluster answers. `failingSince` and `lastError` are there together, while it does not.
    public record State(Optional<Instant> lastOkAt, Optional<Instant> failingSince, Optional<String> lastError) {
        public boolean reachable() {
            return failingSince.isEmpty() && lastOkAt.isPresent();
        }
    }

    public ClusterRef ref() {
        return new ClusterRef(id, name);
    }
}
