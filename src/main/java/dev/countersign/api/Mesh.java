package dev.countersign.api;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Known;
import dev.countersign.web.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/// What the catalog knows of a workload and the policies around it, in the words of the policy engine.
@Component
class Mesh {
    private static final int KNOWN_IDENTITIES = 200;

    private final MeshCatalog catalog;

    Mesh(@Lazy MeshCatalog catalog) {
        this.catalog = catalog;
    }

    /// A workload and everything that can concern it. `unreadable`: sentences about policies that cannot be decoded.
    record Surroundings(
            ClusterRef cluster, MeshSettings settings, CatalogWorkload found, Workload workload, List<AuthorizationPolicy> policies,
            List<String> unreadable) {}

    /// Refuses, by pointer, what does not exist in the tenant.
    Surroundings around(String cluster, String namespace, String workload) {
        ClusterRef ref = catalog.cluster(cluster).orElseThrow(() -> unknown("/cluster", "There is no cluster of this name. See /api/v1/clusters."));
        CatalogWorkload found = catalog.workload(new WorkloadKey(ref.id(), namespace, workload)).orElseThrow(() -> unknown("/to",
                "There is no such workload in the namespaces of your tenant in this cluster. See /api/v1/services."));
        List<LivePolicy> live = catalog.policies(ref.id(), namespace);
        DataPlane proxy = found.membership() == CatalogWorkload.Membership.AMBIENT ? DataPlane.ZTUNNEL : DataPlane.SIDECAR;
        return new Surroundings(ref, catalog.mesh(ref.id()), found, new Workload(namespace, found.podLabels(), proxy, List.of()),
                live.stream().flatMap(policy -> policy.policy().stream()).toList(),
                live.stream()
                        .filter(policy -> policy.policy().isEmpty())
                        .map(policy -> "The policy " + policy.namespace() + "/" + policy.name() + " cannot be read ("
                                + policy.problem().orElse("no reason known") + "), so what it allows or denies is not known. Correct it in the cluster.")
                        .toList());
    }

    /// As `around`, for an address: absent where it does not exist in the tenant.
    java.util.Optional<Surroundings> find(String cluster, String namespace, String workload) {
        return catalog.cluster(cluster)
                .flatMap(ref -> catalog.workload(new WorkloadKey(ref.id(), namespace, workload)))
                .map(found -> around(cluster, namespace, workload));
    }

    Known known(Surroundings around) {
        String domain = around.settings().trustDomains().trustDomain();
        Set<Spiffe> identities = catalog.namespaces(around.cluster().id()).stream()
                .flatMap(namespace -> catalog.workloads(around.cluster().id(), namespace).stream())
                .filter(workload -> !workload.key().equals(around.found().key()))
                .limit(KNOWN_IDENTITIES)
                .map(workload -> new Spiffe(domain, workload.namespace(), workload.serviceAccount().isEmpty() ? "default" : workload.serviceAccount()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Known(identities, around.found().ports().stream().map(CatalogWorkload.Port::number).collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static Problem.Refused unknown(String pointer, String message) {
        return new Problem.Refused(message, List.of(new Problem.Wrong(pointer, "CS9422", message)));
    }
}
