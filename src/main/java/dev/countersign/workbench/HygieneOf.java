package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Hygiene;
import dev.countersign.policy.reason.Hygiene.Flaw;
import dev.countersign.policy.reason.MeshComparison;
import dev.countersign.policy.reason.MeshHygiene;
import dev.countersign.requests.RequestDesk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Live rules that do nothing, or too much, at the workloads of a cluster or of one of its namespaces. What is there is read in a
/// transaction; judging it takes up to `MeshHygiene.Limits` and holds none.
@Component
class HygieneOf {
    /// Told at most: findings, and workloads in one of them.
    private static final int MOST = 100;
    private static final int MOST_NAMES = 5;

    /// What is most worth a look comes first.
    private static final List<Flaw> ORDER = List.of(Flaw.OVER_BROAD, Flaw.NEVER_MATCHES, Flaw.SHADOWED, Flaw.REDUNDANT);

    private final MeshCatalog catalog;
    private final RequestDesk requests;

    HygieneOf(MeshCatalog catalog, RequestDesk requests) {
        this.catalog = catalog;
        this.requests = requests;
    }

    /// `namespaces`: all that the tenant owns in the cluster; `words`: by whose word each policy stands.
    record Rules(MeshSettings mesh, List<String> namespaces, Map<String, Workload> workloads, List<LivePolicy> live, Map<String, Provenance> words) {}

    /// Empty where the tenant has no such cluster, or no such namespace in it. An empty `namespace` means all of them.
    @Transactional(readOnly = true)
    public Optional<Rules> rules(String cluster, String namespace) {
        return catalog.cluster(cluster).map(ClusterRef::id).flatMap(id -> {
            List<String> own = catalog.namespaces(id);
            if (!namespace.isEmpty() && !own.contains(namespace)) {
                return Optional.empty();
            }
            Map<String, Workload> workloads = new LinkedHashMap<>();
            for (String one : namespace.isEmpty() ? own : List.of(namespace)) {
                for (CatalogWorkload workload : catalog.workloads(id, one)) {
                    workloads.put(one + "/" + workload.name(), workload.asPoliciesSeeIt());
                }
            }
            List<LivePolicy> live = namespace.isEmpty() ? catalog.policies(id) : catalog.policies(id, namespace);
            Set<Long> known = requests.known(Provenance.named(live));
            return Optional.of(new Rules(catalog.mesh(id), own, workloads, live,
                    live.stream().collect(Collectors.toMap(policy -> policy.namespace() + "/" + policy.name(), policy -> Provenance.of(policy, known), (a, b) -> a))));
        });
    }

    /// - `workloads`: how many there are; `judged`: at how many all rules were judged.
    /// - `leftOut`: how many findings are not told; `uncertain`: what was not judged, in sentences.
    public record Told(int workloads, int judged, List<OfKind> kinds, int leftOut, List<String> uncertain) {}

    /// Findings of one kind; `state` is the mark beside it.
    public record OfKind(String title, String meaning, String state, List<Line> lines) {}

    /// - `covers`: the rules that make it so; `witness`: a call that passes by it.
    public record Line(
            String policy, int rule, @Nullable Provenance provenance, String advice, String proof, List<String> covers, @Nullable String witness, String where) {}

    static Told judge(Rules rules) {
        List<AuthorizationPolicy> readable = rules.live().stream().flatMap(policy -> policy.policy().stream()).toList();
        MeshHygiene hygiene = MeshHygiene.of(MeshComparison.Side.of(rules.mesh(), rules.workloads(), readable), MeshHygiene.Limits.USUAL);
        List<String> uncertain = new ArrayList<>();
        rules.live().forEach(policy -> policy.unreadable().ifPresent(uncertain::add));
        uncertain.addAll(hygiene.uncertain());
        Map<Flaw, List<Line>> lines = hygiene.found().stream()
                .sorted(Comparator.comparing((MeshHygiene.Found found) -> ORDER.indexOf(found.finding().flaw())))
                .limit(MOST)
                .collect(Collectors.groupingBy(found -> found.finding().flaw(), LinkedHashMap::new,
                        Collectors.mapping(found -> line(found, rules.words()), Collectors.toList())));
        List<OfKind> kinds = new ArrayList<>();
        lines.forEach((flaw, of) -> kinds.add(kind(flaw, of)));
        return new Told(rules.workloads().size(), hygiene.judged(), kinds, Math.max(0, hygiene.found().size() - MOST), uncertain);
    }

    private static OfKind kind(Flaw flaw, List<Line> lines) {
        return switch (flaw) {
            case OVER_BROAD -> new OfKind("Lets in callers whom nobody named", "Any caller will do, or any with an identity, and no token is asked for.", "fails", lines);
            case NEVER_MATCHES -> new OfKind("Matches nothing", "Whoever wrote it meant something that it does not say.", "unsure", lines);
            case SHADOWED -> new OfKind("Denied before it is asked", "It looks as if it let somebody in, and does not.", "unsure", lines);
            case REDUNDANT -> new OfKind("Says what others say", "To take its access away, all of them have to go. Of several that say the same, one has to stay.", "over", lines);
        };
    }

    private static Line line(MeshHygiene.Found found, Map<String, Provenance> words) {
        Hygiene.Finding finding = found.finding();
        String policy = finding.rule().policy();
        List<String> covers = finding.proof() instanceof Hygiene.Proof.Covered covered
                ? covered.by().stream().limit(MOST_NAMES).map(HygieneOf::name).toList() : List.of();
        String witness = finding.proof() instanceof Hygiene.Proof.Passes(var call) ? WitnessWords.of(call) : null;
        List<String> names = found.workloads();
        String where = String.join(", ", names.stream().limit(MOST_NAMES).toList()) + (names.size() > MOST_NAMES ? " and " + (names.size() - MOST_NAMES) + " more" : "");
        return new Line(policy, finding.rule().rule().orElse(0), words.get(policy), found.advice(), finding.proof().words(), covers, witness, where);
    }

    private static String name(DecidingRule rule) {
        return rule.policy() + ", rule " + rule.rule().orElse(0);
    }
}
