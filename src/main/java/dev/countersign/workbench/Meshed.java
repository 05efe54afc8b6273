package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;

/// The catalog's workloads as policies see them.
final class Meshed {
    private Meshed() {}

    /// One without a proxy is seen as it would be with a sidecar.
    static Workload workload(CatalogWorkload workload) {
        DataPlane plane = workload.membership() == Membership.AMBIENT ? DataPlane.ZTUNNEL : DataPlane.SIDECAR;
        return new Workload(workload.namespace(), workload.podLabels(), plane, java.util.List.of());
    }

    static Spiffe identity(String trustDomain, CatalogWorkload workload) {
        return new Spiffe(trustDomain, workload.namespace(), workload.serviceAccount().isEmpty() ? "default" : workload.serviceAccount());
    }
}
