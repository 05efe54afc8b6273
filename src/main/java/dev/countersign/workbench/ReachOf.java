package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.MeshReach;
import dev.countersign.policy.reason.OperationClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// How far the harm goes if one identity of a cluster is taken over: what each can call among the tenant's services. What is there
/// is read in a transaction; reckoning holds none.
@Component
class ReachOf {
    /// Told at most: identities, services of one of them, kinds of calls to one service.
    private static final int IDENTITIES = 100;
    private static final int SERVICES = 30;
    private static final int CALLS = 5;

    private final MeshCatalog catalog;

    ReachOf(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    /// `namespaces`: all that the tenant owns in the cluster. `unenforced`: services without a proxy, where no policy holds.
    record Mesh(MeshSettings settings, List<String> namespaces, Set<Spiffe> sources, Map<String, Workload> workloads, List<String> unenforced, List<LivePolicy> live) {}

    /// Empty where the tenant has no such cluster, or no such namespace in it. An empty `namespace` means the callers of all of them.
    @Transactional(readOnly = true)
    public Optional<Mesh> mesh(String cluster, String namespace) {
        return catalog.cluster(cluster).map(ClusterRef::id).flatMap(id -> {
            List<String> own = catalog.namespaces(id);
            if (!namespace.isEmpty() && !own.contains(namespace)) {
                return Optional.empty();
            }
            MeshSettings settings = catalog.mesh(id);
            List<LivePolicy> live = catalog.policies(id);
            Set<Spiffe> sources = new LinkedHashSet<>();
            Map<String, Workload> workloads = new LinkedHashMap<>();
            List<String> unenforced = new ArrayList<>();
            for (CatalogWorkload workload : own.stream().flatMap(one -> catalog.workloads(id, one).stream()).toList()) {
                sources.add(workload.identity(settings.trustDomains().trustDomain()));
                if (workload.membership() == Membership.NONE) {
                    unenforced.add(workload.namespace() + "/" + workload.name());
                } else {
                    workloads.put(workload.namespace() + "/" + workload.name(), workload.asPoliciesSeeIt());
                }
            }
            sources.addAll(MeshReach.named(settings, readable(live)));
            return Optional.of(new Mesh(settings, own, sources, workloads, unenforced, live));
        });
    }

    private static List<AuthorizationPolicy> readable(Collection<LivePolicy> live) {
        return live.stream().flatMap(policy -> policy.policy().stream()).toList();
    }

    /// - `services`: how many there are that enforce policies. `anyone`: what a caller without an identity can do.
    /// - `leftOut`: how many identities are not told; `uncertain`: what was not decided, in sentences.
    public record Told(int services, Line anyone, List<Line> lines, int leftOut, List<String> unenforced, List<String> uncertain) {}

    /// - `reached`: how many services it can call for certain.
    /// - `services`: those where it can do more than anyone; `more`: how many of them are not told.
    public record Line(String who, String where, int reached, List<Service> services, int more) {}

    /// What it may do there, and what perhaps.
    public record Service(String name, List<String> calls, List<String> perhaps) {}

    /// Of identities of the namespace; of all where it is empty.
    static Told reckon(Mesh mesh, String namespace) {
        MeshReach reach = MeshReach.of(mesh.settings(), mesh.sources(), mesh.workloads(), readable(mesh.live()));
        List<Spiffe> asked = reach.sources().stream().filter(source -> namespace.isEmpty() || source.namespace().equals(namespace)).toList();
        Map<Spiffe, Integer> counts = new LinkedHashMap<>();
        asked.forEach(source -> counts.put(source, reach.reachedBy(Optional.of(source)).size()));
        List<Service> everyones = services(reach, Optional.empty());
        Line anyone = line("Anyone", "without an identity", reach.reachedBy(Optional.empty()).size(), everyones);
        List<Line> lines = asked.stream()
                .sorted(Comparator.comparing((Spiffe source) -> -counts.getOrDefault(source, 0)).thenComparing(Spiffe::principal))
                .limit(IDENTITIES)
                .map(source -> line(source.serviceAccount(), where(source, mesh), counts.getOrDefault(source, 0),
                        services(reach, Optional.of(source)).stream().filter(one -> !everyones.contains(one)).toList()))
                .toList();
        List<String> uncertain = new ArrayList<>();
        mesh.live().forEach(policy -> policy.unreadable().ifPresent(uncertain::add));
        uncertain.addAll(reach.doubts());
        return new Told(mesh.workloads().size(), anyone, lines, asked.size() - lines.size(), mesh.unenforced(), uncertain);
    }

    private static String where(Spiffe source, Mesh mesh) {
        boolean ours = source.trustDomain().equals(mesh.settings().trustDomains().trustDomain());
        return ours ? source.namespace() : source.namespace() + " of " + source.trustDomain();
    }

    private static List<Service> services(MeshReach reach, Optional<Spiffe> source) {
        return reach.radius(source).stream().map(one -> new Service(one.workload(), words(one.calls()), words(one.uncertain()))).toList();
    }

    private static Line line(String who, String where, int reached, List<Service> services) {
        return new Line(who, where, reached, services.stream().limit(SERVICES).toList(), Math.max(0, services.size() - SERVICES));
    }

    private static List<String> words(List<OperationClass> calls) {
        List<String> words = new ArrayList<>(calls.stream().limit(CALLS).map(OperationClass::description).toList());
        if (calls.size() > CALLS) {
            words.add("make " + (calls.size() - CALLS) + " further kinds of calls");
        }
        return words;
    }
}
