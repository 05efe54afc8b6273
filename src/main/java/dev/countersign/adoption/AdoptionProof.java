package dev.countersign.adoption;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.grants.GrantLedger;
import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.requests.Place;
import dev.countersign.requests.ServiceAccess;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/// Proves that taking a policy over changes nothing: before any of it from what the catalog saw, and at its end from what the
/// cluster holds.
@Component
class AdoptionProof {
    private static final int MOST_IDENTITIES = 200;

    private final MeshCatalog catalog;
    private final GrantLedger grants;

    AdoptionProof(MeshCatalog catalog, GrantLedger grants) {
        this.catalog = catalog;
        this.grants = grants;
    }

    /// With `asks` granted beside what is granted already, and the policy `namespace/name` gone.
    Proof foreseen(String tenant, CatalogWorkload workload, String policy, List<ServiceAccess> asks) {
        MeshSettings mesh = catalog.mesh(workload.cluster().id());
        TargetWorkload target = new TargetWorkload(workload.namespace(), workload.name(), workload.selectorLabels());
        Place place = new Place(workload.cluster(), mesh.trustDomains().trustDomain(), target);
        List<GrantedAccess> active = grants.of(workload.cluster().id(), workload.namespace(), workload.name());
        List<GrantedAccess> adopted = new ArrayList<>(active);
        for (int i = 0; i < asks.size(); i++) {
            adopted.addAll(asks.get(i).compile("adopted-" + i, i, place));
        }
        Compilation now = GrantCompiler.compile(tenant, active, List.of());
        Compilation then = GrantCompiler.compile(tenant, adopted, List.of());
        if (then instanceof Compilation.Partial(var ignored, var refusals)) {
            return new Proof(Comparison.Verdict.INCOMPARABLE, List.of(), List.of(), refusals.stream().map(Compilation.Refusal::message).toList());
        }
        List<LivePolicy> live = catalog.policies(workload.cluster().id(), workload.namespace());
        List<AuthorizationPolicy> readable = live.stream().flatMap(one -> one.policy().stream()).toList();
        List<AuthorizationPolicy> without = readable.stream().filter(one -> !one.metadata().key().equals(policy)).toList();
        Comparison comparison = Comparison.of(mesh, workload.asPoliciesSeeIt(), with(now, readable), with(then, without), known(workload));
        return Proof.of(comparison, live.stream()
                .filter(one -> one.policy().isEmpty())
                .map(one -> unreadable(one.namespace() + "/" + one.name()))
                .toList());
    }

    /// What it does to take `gone` away from what a cluster holds at this moment, and nothing else.
    Proof removing(CatalogWorkload workload, Collection<ClusterObject> live, ClusterObject gone) {
        List<AuthorizationPolicy> before = new ArrayList<>();
        List<AuthorizationPolicy> after = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (ClusterObject object : live) {
            Optional<AuthorizationPolicy> policy = PolicyReader.authorizationPolicy(object.tree());
            if (policy.isEmpty()) {
                unreadable.add(unreadable(object.namespace() + "/" + object.name()));
                continue;
            }
            before.add(policy.get());
            if (!object.uid().equals(gone.uid())) {
                after.add(policy.get());
            }
        }
        return Proof.of(Comparison.of(catalog.mesh(workload.cluster().id()), workload.asPoliciesSeeIt(), before, after, known(workload)), unreadable);
    }

    /// The name that our own policy of the workload has or would have.
    static String ourName(CatalogWorkload workload) {
        TargetWorkload target = new TargetWorkload(workload.namespace(), workload.name(), workload.selectorLabels());
        return GrantCompiler.compile("any", List.of(), List.of(target)).policies().policies().getFirst().policy().metadata().name();
    }

    private static String unreadable(String policy) {
        return "the policy " + policy + " cannot be read, so what it allows or denies is not known. Correct it in the cluster";
    }

    /// Our policies as they are granted, in the place of those that live.
    private static List<AuthorizationPolicy> with(Compilation ours, List<AuthorizationPolicy> live) {
        List<AuthorizationPolicy> compiled = ours.policies().policies().stream().map(CompiledPolicy::policy).toList();
        Set<String> names = compiled.stream().map(policy -> policy.metadata().key()).collect(Collectors.toSet());
        return Stream.concat(live.stream().filter(policy -> !names.contains(policy.metadata().key())), compiled.stream()).toList();
    }

    /// Names for the sentences; no verdict depends on it.
    private Known known(CatalogWorkload workload) {
        String domain = catalog.mesh(workload.cluster().id()).trustDomains().trustDomain();
        Set<Spiffe> identities = catalog.workloads(workload.cluster().id(), workload.namespace()).stream()
                .limit(MOST_IDENTITIES)
                .map(one -> one.identity(domain))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Known(identities, workload.ports().stream().map(CatalogWorkload.Port::number).collect(Collectors.toCollection(LinkedHashSet::new)));
    }
}
