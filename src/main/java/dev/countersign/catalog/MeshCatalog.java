package dev.countersign.catalog;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.PeerAuthentication;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The front desk of the catalog. Answers about the current tenant only, from PostgreSQL, never from a cluster: a namespace
/// that the tenant does not own is as if it did not exist. Every method joins the caller's transaction.
public interface MeshCatalog {
    /// The tenant's clusters, by name.
    List<ClusterRef> clusters();

    Optional<ClusterRef> cluster(String name);

    /// Those of the names that are clusters of the tenant, each with its mesh: in one look, in no order.
    List<ClusterMesh> meshes(List<String> names);

    /// Root namespace and trust domains of the mesh in that cluster.
    MeshSettings mesh(UUID cluster);

    /// The namespaces that the tenant owns in the cluster, sorted.
    List<String> namespaces(UUID cluster);

    Optional<CatalogWorkload> workload(WorkloadKey key);

    /// All workloads of a namespace, by name.
    List<CatalogWorkload> workloads(UUID cluster, String namespace);

    /// Who lives in these namespaces, in their order, and of each in the order of `workloads` the first `most`: a fraction of what those cost.
    List<Resident> residents(UUID cluster, List<String> namespaces, int most);

    /// The workloads that run as this service account (the beneficiaries of an access for it).
    List<CatalogWorkload> runningAs(UUID cluster, String namespace, String serviceAccount);

    /// Those that run as this service account, by name; empty where the namespace has no such account.
    Optional<List<CallingWorkload>> callers(UUID cluster, String namespace, String serviceAccount);

    /// All workloads of these namespaces, in the order of the namespaces, then by name.
    List<CallingWorkload> callers(UUID cluster, List<String> namespaces);

    /// Whether the service account exists in the namespace.
    boolean serviceAccountExists(UUID cluster, String namespace, String serviceAccount);

    /// Typo-tolerant, best first: over workload, namespace, team and cluster names. Empty text lists by name. At most 100.
    List<CatalogWorkload> search(String text, Optional<String> cluster, Optional<String> namespace, int limit);

    /// The AuthorizationPolicies that can concern workloads of the namespace: those in it, and those in the root namespace.
    List<LivePolicy> policies(UUID cluster, String namespace);

    /// Every AuthorizationPolicy in the tenant's namespaces of the cluster (and the root namespace).
    List<LivePolicy> policies(UUID cluster);

    /// The AuthorizationPolicy of that name in a namespace of the tenant's.
    Optional<LivePolicy> policy(UUID cluster, String namespace, String name);

    /// Which state of every AuthorizationPolicy in the tenant's namespaces of the cluster was seen last.
    List<PolicyVersion> policyVersions(UUID cluster);

    /// The PeerAuthentications that can concern workloads of the namespace: those in it, and those in the root namespace.
    List<PeerAuthentication> peerAuthentications(UUID cluster, String namespace);

    /// Teams that own at least one of the workloads.
    List<TeamName> owners(List<WorkloadKey> workloads);
}
