package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a change does to many workloads at once: a namespace, a mesh. One verdict for all of them, and the differences of
/// each; workloads that the same policies guard on both sides are compared once and told together.
///
/// - `differences`: where calls change, in the order of the workloads given.
/// - `same`: how many workloads were proven to be called as before.
/// - `uncertain`: what was not decided or not listed, in sentences. Empty means that the verdict is proven.
///
/// The verdict speaks of what was decided. What attaches is part of the change: selectors, labels, targetRefs, proxies and
/// the root namespace may differ between the sides.
public record MeshComparison(
        Comparison.Verdict verdict, List<Difference> differences, int same, List<String> uncertain) {
    public MeshComparison {
        differences = List.copyOf(differences);
        uncertain = List.copyOf(uncertain);
    }

    /// One side. `unlabelled`: the workloads whose labels are not known.
    public record Side(
            MeshSettings mesh,
            Map<String, Workload> workloads,
            Set<String> unlabelled,
            Collection<AuthorizationPolicy> policies) {
        public static Side of(
                MeshSettings mesh, Map<String, Workload> workloads, Collection<AuthorizationPolicy> policies) {
            return new Side(mesh, workloads, Set.of(), policies);
        }
    }

    /// Workloads whose calls change alike, by name.
    public record Difference(List<String> workloads, Comparison comparison) {
        public Difference {
            workloads = List.copyOf(workloads);
        }
    }

    /// Bounds of the answer: after so much `time` no further comparison is begun; of all regions at most `regions` are kept.
    public record Limits(Duration time, int regions) {
        public static final Limits USUAL = new Limits(Duration.ofSeconds(10), 2000);
    }

    public boolean proven() {
        return uncertain.isEmpty();
    }

    /// What the answer for one workload depends on: who is told by name and the words are the same for all.
    private record Question(Workload place, Workload formerly, List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {
        static Question of(Workload was, Workload is, List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {
            return new Question(bare(is), bare(was), before, after);
        }

        /// Labels and Services have played their part once it is known what attaches.
        private static Workload bare(Workload workload) {
            return new Workload(workload.namespace(), Map.of(), workload.dataPlane(), List.of());
        }
    }

    /// Workloads that are on one side only are not compared: nobody calls what is not there.
    public static MeshComparison of(Side before, Side after, Known known, Limits limits) {
        long start = System.nanoTime();
        Near near = new Near(before);
        Near freshNear = new Near(after);
        Map<Question, List<String>> asked = new LinkedHashMap<>();
        Set<String> uncertain = new LinkedHashSet<>();
        int same = 0;
        for (Map.Entry<String, Workload> entry : after.workloads().entrySet()) {
            String name = entry.getKey();
            Workload is = entry.getValue();
            Workload was = before.workloads().get(name);
            if (was == null) {
                continue;
            }
            if (before.unlabelled().contains(name) || after.unlabelled().contains(name)) {
                Set<AuthorizationPolicy> possible = new LinkedHashSet<>(near.possible(was));
                Set<AuthorizationPolicy> fresh = new LinkedHashSet<>(freshNear.possible(is));
                boolean alike = possible.equals(fresh) && readAlike(before, was, after, is);
                if (alike && before.unlabelled().contains(name) && after.unlabelled().contains(name)) {
                    same++;
                    continue;
                }
                Set<AuthorizationPolicy> either = new LinkedHashSet<>(possible);
                either.addAll(fresh);
                if (either.stream().anyMatch(policy -> policy.target() instanceof Target.Selector)) {
                    uncertain.add("The labels of " + name + " are not known, so which policies select it is not either."
                            + " What changes for it is not decided.");
                    continue;
                }
            }
            List<AuthorizationPolicy> old = near.attached(was);
            List<AuthorizationPolicy> fresh = freshNear.attached(is);
            if (old.equals(fresh) && readAlike(before, was, after, is)) {
                same++;
            } else {
                asked.computeIfAbsent(Question.of(was, is, old, fresh), question -> new ArrayList<>()).add(name);
            }
        }
        List<Difference> differences = new ArrayList<>();
        boolean opens = false;
        boolean cuts = false;
        int regions = 0;
        int omitted = 0;
        int late = 0;
        for (Map.Entry<Question, List<String>> one : asked.entrySet()) {
            List<String> names = one.getValue();
            if (System.nanoTime() - start > limits.time().toNanos()) {
                late += names.size();
                continue;
            }
            Comparison comparison = Comparison.of(
                    new Comparison.Side(before.mesh(), before.workloads().get(names.getFirst()), one.getKey().before()),
                    new Comparison.Side(after.mesh(), after.workloads().get(names.getFirst()), one.getKey().after()),
                    known);
            comparison.uncertain().forEach(sentence -> uncertain.add(names.getFirst()
                    + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more") + ": " + sentence));
            opens |= !comparison.newlyAllowed().isEmpty();
            cuts |= !comparison.newlyCut().isEmpty();
            if (comparison.verdict() == Comparison.Verdict.EQUIVALENT) {
                same += comparison.proven() ? names.size() : 0;
                continue;
            }
            Comparison kept = cut(comparison, limits.regions() - regions);
            int listed = kept.newlyAllowed().size() + kept.newlyCut().size();
            regions += listed;
            omitted += comparison.newlyAllowed().size() + comparison.newlyCut().size() - listed;
            differences.add(new Difference(names, kept));
        }
        if (late > 0) {
            uncertain.add("There was no time to compare " + late + " further workloads. Compare fewer at a time.");
        }
        if (omitted > 0) {
            uncertain.add(omitted + " more regions differ than are listed. Compare fewer workloads at a time to see them all.");
        }
        Comparison.Verdict verdict = opens
                ? (cuts ? Comparison.Verdict.INCOMPARABLE : Comparison.Verdict.MORE_PERMISSIVE)
                : cuts ? Comparison.Verdict.LESS_PERMISSIVE : Comparison.Verdict.EQUIVALENT;
        // What is too entangled says so in the difference: it may do both.
        boolean entangled = differences.stream().anyMatch(one -> one.comparison().verdict() == Comparison.Verdict.INCOMPARABLE);
        return new MeshComparison(entangled ? Comparison.Verdict.INCOMPARABLE : verdict, differences, same, List.copyOf(uncertain));
    }

    /// The same regions, no more than so many; the verdict stays.
    private static Comparison cut(Comparison whole, int most) {
        int opened = Math.min(whole.newlyAllowed().size(), Math.max(0, most));
        int cut = Math.min(whole.newlyCut().size(), Math.max(0, most - opened));
        return new Comparison(whole.verdict(), whole.newlyAllowed().subList(0, opened),
                whole.newlyCut().subList(0, cut), whole.uncertain());
    }

    private static boolean readAlike(Side before, Workload was, Side after, Workload is) {
        return before.mesh().trustDomains().equals(after.mesh().trustDomains())
                && (was.dataPlane() == DataPlane.ZTUNNEL) == (is.dataPlane() == DataPlane.ZTUNNEL);
    }

    /// The policies of a side by namespace, so that a mesh of many is not asked whole for each workload.
    static final class Near {
        private final MeshSettings mesh;
        private final Map<String, List<AuthorizationPolicy>> byNamespace = new HashMap<>();

        Near(Side side) {
            mesh = side.mesh();
            side.policies().forEach(policy -> byNamespace
                    .computeIfAbsent(policy.metadata().namespace(), name -> new ArrayList<>())
                    .add(policy));
        }

        List<AuthorizationPolicy> attached(Workload workload) {
            return Formula.enforced(mesh, around(workload), workload);
        }

        /// What attaches under some labels: those by name count by the labels that are known.
        List<AuthorizationPolicy> possible(Workload workload) {
            return around(workload).stream()
                    .filter(policy -> !policy.dryRun())
                    .filter(policy -> policy.target() instanceof Target.Selector
                                    && workload.dataPlane() != DataPlane.WAYPOINT
                            || !Attachment.attached(mesh, List.of(policy), workload).isEmpty())
                    .toList();
        }

        private List<AuthorizationPolicy> around(Workload workload) {
            Set<String> namespaces = new LinkedHashSet<>(List.of(mesh.rootNamespace(), workload.namespace()));
            workload.services().forEach(service -> namespaces.add(service.namespace()));
            List<AuthorizationPolicy> around = new ArrayList<>();
            namespaces.forEach(namespace -> around.addAll(byNamespace.getOrDefault(namespace, List.of())));
            return around;
        }
    }
}
