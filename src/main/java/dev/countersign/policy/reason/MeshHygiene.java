package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `Hygiene` of many workloads: findings that are the same for several are told once. Workloads that the same policies guard
/// are judged once.
///
/// - `judged`: of how many workloads all rules were judged.
/// - `uncertain`: what was not judged, in sentences.
public record MeshHygiene(List<Found> found, int judged, List<String> uncertain) {
    public MeshHygiene {
        found = List.copyOf(found);
        uncertain = List.copyOf(uncertain);
    }

    /// A finding at the workloads named. `everywhere`: its rule has this flaw at all workloads that the rule is for, and all of
    /// them were looked at. Where it is not so, the rule may be needed elsewhere.
    public record Found(Hygiene.Finding finding, List<String> workloads, boolean everywhere) {
        public Found {
            workloads = List.copyOf(workloads);
        }

        /// What is wrong and what to do, in sentences.
        public String advice() {
            return finding.message() + (everywhere || finding.flaw() == Hygiene.Flaw.OVER_BROAD ? ""
                    : " This holds at the workloads named; the rule may be needed at others, so do not delete it before you know.");
        }
    }

    /// Bounds: after so much `time` no further workload is begun; one with more `rules` is not judged.
    public record Limits(Duration time, int rules) {
        public static final Limits USUAL = new Limits(Duration.ofSeconds(5), 200);
    }

    private record Question(String namespace, DataPlane dataPlane, List<AuthorizationPolicy> policies) {}

    private record Flawed(DecidingRule rule, Hygiene.Flaw flaw) {}

    public static MeshHygiene of(MeshComparison.Side side, Limits limits) {
        long start = System.nanoTime();
        MeshComparison.Near near = new MeshComparison.Near(side);
        Map<Question, List<String>> asked = new LinkedHashMap<>();
        Map<String, Integer> attached = new HashMap<>();
        side.workloads().forEach((name, workload) -> {
            List<AuthorizationPolicy> policies = near.attached(workload);
            policies.forEach(policy -> attached.merge(policy.metadata().key(), 1, Integer::sum));
            asked.computeIfAbsent(new Question(workload.namespace(), workload.dataPlane(), policies), question -> new ArrayList<>()).add(name);
        });
        Map<Hygiene.Finding, List<String>> found = new LinkedHashMap<>();
        Map<Flawed, Integer> flawed = new HashMap<>();
        Set<String> uncertain = new LinkedHashSet<>();
        int judged = 0;
        int late = 0;
        for (Map.Entry<Question, List<String>> one : asked.entrySet()) {
            List<String> names = one.getValue();
            List<AuthorizationPolicy> policies = one.getKey().policies();
            String who = names.getFirst() + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more");
            if (policies.stream().mapToInt(policy -> policy.rules().size()).sum() > limits.rules()) {
                uncertain.add(who + ": more than " + limits.rules() + " rules meet here, which is more than are judged in one go.");
                continue;
            }
            if (System.nanoTime() - start > limits.time().toNanos()) {
                late += names.size();
                continue;
            }
            Workload workload = side.workloads().get(names.getFirst());
            Hygiene hygiene = Hygiene.of(side.mesh(), workload, policies);
            hygiene.uncertain().forEach(sentence -> uncertain.add(who + ": " + sentence));
            judged += hygiene.uncertain().isEmpty() ? names.size() : 0;
            for (Hygiene.Finding finding : hygiene.findings()) {
                found.computeIfAbsent(finding, key -> new ArrayList<>()).addAll(names);
                flawed.merge(new Flawed(finding.rule(), finding.flaw()), names.size(), Integer::sum);
            }
        }
        if (late > 0) {
            uncertain.add("There was no time to judge the rules of " + late + " further workloads. Ask for one namespace at a time.");
        }
        List<Found> told = new ArrayList<>();
        found.forEach((finding, names) -> told.add(new Found(finding, names, !ofRoot(side, finding)
                && flawed.get(new Flawed(finding.rule(), finding.flaw())).equals(attached.get(finding.rule().policy())))));
        return new MeshHygiene(told, judged, List.copyOf(uncertain));
    }

    /// It is for workloads of other tenants too, which nobody looked at.
    private static boolean ofRoot(MeshComparison.Side side, Hygiene.Finding finding) {
        return finding.rule().policy().startsWith(side.mesh().rootNamespace() + "/");
    }
}
