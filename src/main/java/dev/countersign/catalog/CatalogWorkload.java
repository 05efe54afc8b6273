package dev.countersign.catalog;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A workload as last seen in its cluster.
///
/// - `kind`: Deployment, StatefulSet or DaemonSet.
/// - `selectorLabels`: what its pods are selected by (`spec.selector.matchLabels`): what a policy for it selects.
/// - `podLabels`: what its pods carry: what existing policies are matched against.
/// - `ports`: container ports; `services`: Services that select it.
/// - `owner`: the team that owns it; empty until an administrator says so.
public record CatalogWorkload(
        ClusterRef cluster,
        String namespace,
        String name,
        String kind,
        Map<String, String> selectorLabels,
        Map<String, String> podLabels,
        String serviceAccount,
        List<Port> ports,
        List<String> services,
        Membership membership,
        Optional<TeamName> owner) {

    /// A container port; `protocol` is what the Service or its name says (http, http2, grpc, tcp, …), "unknown" otherwise.
    public record Port(int number, String name, String protocol) {}

    /// How the workload takes part in the mesh. Without a proxy, policies enforce nothing.
    public enum Membership {
        SIDECAR,
        AMBIENT,
        NONE,
        /// No running pod was seen yet.
        UNKNOWN
    }

    public WorkloadKey key() {
        return new WorkloadKey(cluster.id(), namespace, name);
    }

    /// What enforces policies for it. One without a proxy is seen as it would be with a sidecar.
    public DataPlane dataPlane() {
        return membership == Membership.AMBIENT ? DataPlane.ZTUNNEL : DataPlane.SIDECAR;
    }

    /// As policies see it.
    public Workload asPoliciesSeeIt() {
        return new Workload(namespace, podLabels, dataPlane(), List.of());
    }

    /// Whom its calls come from, in a mesh of that trust domain.
    public Spiffe identity(String trustDomain) {
        return new Resident(key(), serviceAccount).identity(trustDomain);
    }
}
