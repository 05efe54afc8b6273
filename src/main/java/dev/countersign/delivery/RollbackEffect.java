package dev.countersign.delivery;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import dev.countersign.requests.Effect;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/// What a change of one policy of ours does to calls, among everything else that lives around its workload.
@Component
class RollbackEffect {
    /// Enough to tell callers by name; the verdict does not depend on it.
    private static final int MOST_IDENTITIES = 200;

    private final MeshCatalog catalog;

    RollbackEffect(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    Effect of(ClusterRef cluster, TargetWorkload target, AuthorizationPolicy before, AuthorizationPolicy after) {
        List<LivePolicy> live = catalog.policies(cluster.id(), target.namespace());
        List<AuthorizationPolicy> others = live.stream()
                .flatMap(one -> one.policy().stream())
                .filter(one -> !one.metadata().key().equals(before.metadata().key()))
                .toList();
        Optional<CatalogWorkload> known = catalog.workload(new WorkloadKey(cluster.id(), target.namespace(), target.workload()));
        Comparison comparison = Comparison.of(catalog.mesh(cluster.id()), workload(target, known), with(others, before), with(others, after), known(cluster, target, known));
        String to = target.namespace() + "/" + target.workload();
        return new Effect(Effect.Verdict.valueOf(comparison.verdict().name()), List.of(),
                comparison.newlyAllowed().stream().map(region -> Effect.Line.of(cluster.name(), to, region)).toList(),
                comparison.newlyCut().stream().map(region -> Effect.Line.of(cluster.name(), to, region)).toList(),
                Stream.concat(comparison.uncertain().stream(), unreadable(live)).map(words -> new Effect.Line(cluster.name(), words, Map.of())).toList());
    }

    private static List<AuthorizationPolicy> with(List<AuthorizationPolicy> others, AuthorizationPolicy ours) {
        return Stream.concat(others.stream(), Stream.of(ours)).toList();
    }

    /// One that is not in the catalog is seen as the policy sees it.
    private static Workload workload(TargetWorkload target, Optional<CatalogWorkload> known) {
        return known.map(CatalogWorkload::asPoliciesSeeIt).orElseGet(() -> Workload.sidecar(target.namespace(), target.selector()));
    }

    private Known known(ClusterRef cluster, TargetWorkload target, Optional<CatalogWorkload> workload) {
        String domain = catalog.mesh(cluster.id()).trustDomains().trustDomain();
        Set<Spiffe> identities = catalog.workloads(cluster.id(), target.namespace()).stream()
                .limit(MOST_IDENTITIES)
                .map(one -> one.identity(domain))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Known(identities, workload.stream()
                .flatMap(one -> one.ports().stream())
                .map(CatalogWorkload.Port::number)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static Stream<String> unreadable(List<LivePolicy> live) {
        return live.stream()
                .filter(policy -> policy.policy().isEmpty())
                .map(policy -> "The policy " + policy.namespace() + "/" + policy.name() + " cannot be read, so what it allows or denies is not known. Correct it in the cluster");
    }
}
