package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.Region;
import dev.countersign.policy.yaml.Document;
import dev.countersign.web.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What pasted AuthorizationPolicies would open and cut in a cluster, each put in the place of the live one of its name.
@Component
class Changes {
    /// Workloads that are compared in one go, lines that are shown of one, identities told by name.
    private static final int WORKLOADS = 60;
    private static final int LINES = 30;
    private static final int KNOWN_IDENTITIES = 200;

    private final MeshCatalog catalog;

    Changes(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    /// - `overall`: the verdict over all that was compared, in words; empty where no call changes.
    /// - `touched`: workloads where calls change; `same`: how many others the policies attach to without changing a call.
    /// - `left`: what was not compared, in sentences.
    public record Told(ClusterRef cluster, String overall, List<Touched> touched, int same, List<String> left) {}

    public record Touched(CatalogWorkload workload, EffectLines effect) {}

    /// As `layout/_parts :: effect` reads it.
    public record EffectLines(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain) {}

    public record Line(String sentence, @Nullable String witness, @Nullable String calls) {}

    Told of(ClusterRef cluster, List<Document> documents) {
        MeshSettings mesh = catalog.mesh(cluster.id());
        List<AuthorizationPolicy> pasted = documents.stream()
                .flatMap(document -> document.decoding().as(AuthorizationPolicy.class).stream())
                .toList();
        List<String> own = catalog.namespaces(cluster.id());
        List<String> left = new ArrayList<>();
        Set<String> namespaces = new LinkedHashSet<>();
        for (AuthorizationPolicy policy : pasted) {
            String namespace = policy.metadata().namespace();
            if (namespace.equals(mesh.rootNamespace())) {
                namespaces.addAll(own);
                left.add(policy.metadata().key() + " spans the whole mesh: what it changes in namespaces that are not yours is not told here.");
            } else if (own.contains(namespace)) {
                namespaces.add(namespace);
            } else {
                left.add("The namespace " + namespace + " is not among yours in " + cluster.name() + ", so " + policy.metadata().key() + " is not compared.");
            }
        }
        List<Touched> touched = new ArrayList<>();
        List<Comparison> changing = new ArrayList<>();
        int same = 0;
        int compared = 0;
        int skipped = 0;
        for (String namespace : namespaces) {
            List<LivePolicy> live = catalog.policies(cluster.id(), namespace);
            List<AuthorizationPolicy> before = live.stream().flatMap(policy -> policy.policy().stream()).toList();
            List<AuthorizationPolicy> after = with(before, pasted);
            List<CatalogWorkload> workloads = catalog.workloads(cluster.id(), namespace);
            for (CatalogWorkload one : workloads) {
                Workload workload = one.asPoliciesSeeIt();
                if (Attachment.attached(mesh, before, workload).equals(Attachment.attached(mesh, after, workload))) {
                    same += Attachment.attached(mesh, pasted, workload).isEmpty() ? 0 : 1;
                    continue;
                }
                if (compared++ >= WORKLOADS) {
                    skipped++;
                    continue;
                }
                Comparison comparison = Comparison.of(mesh, workload, before, after, known(one, workloads, mesh));
                if (comparison.verdict() == Comparison.Verdict.EQUIVALENT && comparison.proven()) {
                    same++;
                } else {
                    changing.add(comparison);
                    touched.add(new Touched(one, effect(comparison, one)));
                }
            }
            live.stream().filter(policy -> policy.policy().isEmpty()).forEach(policy -> left.add("The live policy " + policy.namespace() + "/"
                    + policy.name() + " cannot be read and is not counted."));
        }
        if (skipped > 0) {
            left.add(Words.count(skipped, "further workload is", "further workloads are") + " not compared. Check fewer policies at a time.");
        }
        return new Told(cluster, overall(changing, !left.isEmpty()), touched, same, left.stream().distinct().toList());
    }

    private static String overall(List<Comparison> changing, boolean left) {
        if (changing.isEmpty()) {
            return "";
        }
        Set<Comparison.Verdict> verdicts = changing.stream().map(Comparison::verdict).collect(Collectors.toSet());
        verdicts.remove(Comparison.Verdict.EQUIVALENT);
        String words = verdict(verdicts.isEmpty() ? Comparison.Verdict.EQUIVALENT
                : verdicts.size() == 1 ? verdicts.iterator().next() : Comparison.Verdict.INCOMPARABLE);
        return words + (left || !changing.stream().allMatch(Comparison::proven) ? ", as far as it was compared and decided" : "") + ".";
    }

    private static String verdict(Comparison.Verdict verdict) {
        return switch (verdict) {
            case EQUIVALENT -> "No call changes";
            case MORE_PERMISSIVE -> "Only opens";
            case LESS_PERMISSIVE -> "Only cuts";
            case INCOMPARABLE -> "Opens and cuts";
        };
    }

    /// The live ones, those of a pasted name replaced. Of several pasted under one name the last stands, as it would by apply.
    private static List<AuthorizationPolicy> with(List<AuthorizationPolicy> before, List<AuthorizationPolicy> pasted) {
        Map<String, AuthorizationPolicy> after = new LinkedHashMap<>();
        before.forEach(policy -> after.put(policy.metadata().key(), policy));
        pasted.forEach(policy -> after.put(policy.metadata().key(), policy));
        return List.copyOf(after.values());
    }

    private static Known known(CatalogWorkload target, List<CatalogWorkload> near, MeshSettings mesh) {
        Set<Spiffe> identities = near.stream()
                .filter(workload -> !workload.key().equals(target.key()))
                .limit(KNOWN_IDENTITIES)
                .map(workload -> workload.identity(mesh.trustDomains().trustDomain()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Known(identities, target.ports().stream()
                .map(CatalogWorkload.Port::number)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static EffectLines effect(Comparison comparison, CatalogWorkload workload) {
        List<Line> uncertain = new ArrayList<>();
        comparison.uncertain().forEach(words -> uncertain.add(new Line(words, null, null)));
        if (workload.membership() == Membership.NONE) {
            uncertain.add(new Line(workload.name() + " has no proxy: nothing is enforced today. This is what would change once it has one.", null, null));
        }
        int opens = comparison.newlyAllowed().size();
        int cuts = comparison.newlyCut().size();
        String summary = opens + cuts == 0 ? "nothing opens, nothing is cut"
                : Words.join(java.util.stream.Stream.of(opens > 0 ? "opens " + Words.count(opens, "region", "regions") : "",
                        cuts > 0 ? "cuts " + Words.count(cuts, "region", "regions") : "").filter(word -> !word.isEmpty()).toList(), "and");
        return new EffectLines(verdict(comparison.verdict()), summary, comparison.proven() ? "exact" : "not everything is decided",
                lines(comparison.newlyAllowed(), workload), lines(comparison.newlyCut(), workload), uncertain);
    }

    private static List<Line> lines(List<Region> regions, CatalogWorkload workload) {
        List<Line> lines = new ArrayList<>();
        regions.stream().limit(LINES).forEach(region -> lines.add(new Line(region.description(), WitnessWords.of(region.witness()), null)));
        if (regions.size() > LINES) {
            lines.add(new Line("and " + (regions.size() - LINES) + " more", null, null));
        }
        return lines;
    }
}
