package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.Reach;
import dev.countersign.requests.RequestDesk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Who may call a service, by which rule and by whose word; and whom it may call. Over the policies that live in the cluster
/// now and the identities that the tenant's namespaces have.
@Component
class CallersOf {
    /// Enough to tell callers by name; what rules let through does not depend on it.
    private static final int KNOWN_IDENTITIES = 200;

    /// More services than these are not looked at for "whom it may call"; the page says so.
    static final int LOOKED_AT = 150;

    private final MeshCatalog catalog;
    private final RequestDesk requests;

    CallersOf(MeshCatalog catalog, RequestDesk requests) {
        this.catalog = catalog;
        this.requests = requests;
    }

    /// One way in: what may be called (a sentence), by which policy and rule.
    public record Way(String sentence, Optional<Integer> rule) {}

    /// The ways that one policy opens, and whose word it is.
    public record ByPolicy(String policy, Provenance provenance, List<Way> ways) {}

    /// - `open`: no ALLOW policy stands: all that is not denied passes; then `ways` has what passes.
    public record Callers(boolean enforced, List<Way> open, List<ByPolicy> policies, List<String> uncertain) {
        public boolean nobody() {
            return open.isEmpty() && policies.isEmpty();
        }

        public List<ByPolicy> foreign() {
            return policies.stream().filter(policy -> policy.provenance().nobodysWord()).toList();
        }
    }

    public record Callee(CatalogWorkload workload, List<String> ways) {}

    /// - `named`: services that some rule lets this identity call; `open`: those that everyone may call.
    /// - `unseen`: services that were not looked at.
    public record Callees(Spiffe identity, List<Callee> named, List<CatalogWorkload> open, int unseen) {}

    @Transactional(readOnly = true)
    public Callers callers(CatalogWorkload service) {
        MeshSettings mesh = catalog.mesh(service.cluster().id());
        List<LivePolicy> live = catalog.policies(service.cluster().id(), service.namespace());
        Reach reach = Reach.into(mesh, service.asPoliciesSeeIt(), readable(live), known(service, mesh));
        Map<String, LivePolicy> byKey = live.stream()
                .collect(Collectors.toMap(policy -> policy.namespace() + "/" + policy.name(), policy -> policy, (a, b) -> a));
        List<Way> open = new ArrayList<>();
        Map<String, List<Way>> ways = new LinkedHashMap<>();
        for (Reach.Access access : reach.accesses()) {
            String sentence = access.region().description();
            access.by().ifPresentOrElse(
                    rule -> ways.computeIfAbsent(rule.policy(), key -> new ArrayList<>()).add(new Way(sentence, rule.rule())),
                    () -> open.add(new Way(sentence, Optional.empty())));
        }
        Set<Long> known = requests.known(Provenance.named(ways.keySet().stream().map(byKey::get).toList()));
        List<ByPolicy> policies = ways.entrySet().stream()
                .map(policy -> new ByPolicy(policy.getKey(),
                        Provenance.of(byKey.get(policy.getKey()), known), policy.getValue()))
                .toList();
        List<String> uncertain = new ArrayList<>(reach.uncertain());
        live.forEach(policy -> policy.unreadable().ifPresent(uncertain::add));
        return new Callers(service.membership() != Membership.NONE, List.copyOf(open), policies, uncertain);
    }

    @Transactional(readOnly = true)
    public Callees callees(CatalogWorkload service) {
        MeshSettings mesh = catalog.mesh(service.cluster().id());
        Spiffe identity = service.identity(mesh.trustDomains().trustDomain());
        List<Callee> named = new ArrayList<>();
        List<CatalogWorkload> open = new ArrayList<>();
        int seen = 0;
        int unseen = 0;
        for (String namespace : catalog.namespaces(service.cluster().id())) {
            List<AuthorizationPolicy> policies = readable(catalog.policies(service.cluster().id(), namespace));
            for (CatalogWorkload other : catalog.workloads(service.cluster().id(), namespace)) {
                if (other.key().equals(service.key())) {
                    continue;
                }
                if (seen++ >= LOOKED_AT) {
                    unseen++;
                    continue;
                }
                Workload workload = other.asPoliciesSeeIt();
                List<Reach.Access> ways = Reach.of(mesh, identity, Map.of("it", workload), policies).getOrDefault("it", List.of());
                if (other.membership() == Membership.NONE || ways.stream().anyMatch(way -> way.by().isEmpty() && way.region().everything())) {
                    open.add(other);
                } else if (!ways.isEmpty()) {
                    named.add(new Callee(other, ways.stream().map(way -> way.region().description()).distinct().toList()));
                }
            }
        }
        return new Callees(identity, named, open, unseen);
    }

    private static List<AuthorizationPolicy> readable(List<LivePolicy> live) {
        return live.stream().flatMap(policy -> policy.policy().stream()).toList();
    }

    /// Those of the service's own namespace first.
    Known known(CatalogWorkload service, MeshSettings mesh) {
        Set<String> namespaces = new LinkedHashSet<>(List.of(service.namespace()));
        namespaces.addAll(catalog.namespaces(service.cluster().id()));
        Set<Spiffe> identities = new LinkedHashSet<>();
        for (String namespace : namespaces) {
            if (identities.size() < KNOWN_IDENTITIES) {
                catalog.workloads(service.cluster().id(), namespace).stream()
                        .filter(workload -> !workload.key().equals(service.key()))
                        .limit(KNOWN_IDENTITIES)
                        .forEach(workload -> identities.add(workload.identity(mesh.trustDomains().trustDomain())));
            }
        }
        return new Known(identities, service.ports().stream()
                .map(CatalogWorkload.Port::number)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }
}
