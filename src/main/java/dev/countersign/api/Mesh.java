package dev.countersign.api;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Known;
import dev.countersign.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
        return new Surroundings(ref, catalog.mesh(ref.id()), found, found.asPoliciesSeeIt(), readable(live), unreadable(live));
    }

    /// Many workloads, by `namespace/name`, and everything that can concern them. `namespaces`: all that the tenant owns there;
    /// `unenforced`: those among the workloads that have no proxy, where no policy holds.
    record Wide(
            ClusterRef cluster, MeshSettings settings, List<String> namespaces, Map<String, Workload> workloads, List<String> unenforced, List<AuthorizationPolicy> policies,
            List<String> unreadable) {}

    /// Those of a namespace, or of all namespaces of the tenant in the cluster. Refuses, by pointer, what does not exist in the tenant.
    Wide wide(String cluster, Optional<String> namespace) {
        ClusterRef ref = catalog.cluster(cluster).orElseThrow(() -> unknown("/cluster", "There is no cluster of this name. See /api/v1/clusters."));
        List<String> own = catalog.namespaces(ref.id());
        if (namespace.isPresent() && !own.contains(namespace.get())) {
            throw unknown("/to/namespace", "There is no such namespace of your tenant in this cluster. See /api/v1/clusters/" + cluster + ".");
        }
        Map<String, Workload> workloads = new LinkedHashMap<>();
        List<String> unenforced = new ArrayList<>();
        for (String one : namespace.map(List::of).orElse(own)) {
            for (CatalogWorkload found : catalog.workloads(ref.id(), one)) {
                workloads.put(one + "/" + found.name(), found.asPoliciesSeeIt());
                if (found.membership() == CatalogWorkload.Membership.NONE) {
                    unenforced.add(one + "/" + found.name());
                }
            }
        }
        List<LivePolicy> live = namespace.map(one -> catalog.policies(ref.id(), one)).orElseGet(() -> catalog.policies(ref.id()));
        return new Wide(ref, catalog.mesh(ref.id()), own, workloads, unenforced, readable(live), unreadable(live));
    }

    boolean has(String cluster) {
        return catalog.cluster(cluster).isPresent();
    }

    boolean owns(String cluster, String namespace) {
        return catalog.cluster(cluster).stream().anyMatch(ref -> catalog.namespaces(ref.id()).contains(namespace));
    }

    private static List<AuthorizationPolicy> readable(List<LivePolicy> live) {
        return live.stream().flatMap(policy -> policy.policy().stream()).toList();
    }

    private static List<String> unreadable(List<LivePolicy> live) {
        return live.stream().flatMap(policy -> policy.unreadable().stream()).toList();
    }

    /// As `around`, for an address: absent where it does not exist in the tenant.
    Optional<Surroundings> find(String cluster, String namespace, String workload) {
        return catalog.cluster(cluster)
                .flatMap(ref -> catalog.workload(new WorkloadKey(ref.id(), namespace, workload)))
                .map(found -> around(cluster, namespace, workload));
    }

    /// The ports of many workloads are not one another's, so none is told.
    Known known(Wide wide) {
        return new Known(identities(wide.cluster(), wide.settings(), workload -> true), Set.of());
    }

    private Set<Spiffe> identities(ClusterRef cluster, MeshSettings settings, Predicate<CatalogWorkload> which) {
        String domain = settings.trustDomains().trustDomain();
        return catalog.namespaces(cluster.id()).stream()
                .flatMap(namespace -> catalog.workloads(cluster.id(), namespace).stream())
                .filter(which)
                .limit(KNOWN_IDENTITIES)
                .map(workload -> workload.identity(domain))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    Known known(Surroundings around) {
        Set<Spiffe> identities = identities(around.cluster(), around.settings(), workload -> !workload.key().equals(around.found().key()));
        return new Known(identities, around.found().ports().stream().map(CatalogWorkload.Port::number).collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static Problem.Refused unknown(String pointer, String message) {
        return new Problem.Refused(message, List.of(new Problem.Wrong(pointer, "CS9422", message)));
    }
}
