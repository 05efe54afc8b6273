package dev.countersign.bench;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.reason.Hygiene;
import java.util.ArrayList;
import java.util.List;

/// P10: the flaws of 10,000 policies of one rule each, ten to a workload, each with its proof. The rules are those of
/// `PolicyDiffBench`; one of each workload is said twice, and a workload where these two are not found ends the run.
///
/// `HygieneSolverBench` runs it and asks an SMT solver beside it.
final class HygieneBench {
    static final int WORKLOADS = 1000;
    static final int POLICIES = 10;

    private HygieneBench() {}

    /// The last policy of each workload says what its first one says.
    static List<List<AuthorizationPolicy>> workloads() {
        List<List<AuthorizationPolicy>> workloads = new ArrayList<>();
        for (PolicyDiffBench.Change change : PolicyDiffBench.changes(POLICIES, WORKLOADS)) {
            List<AuthorizationPolicy> policies = new ArrayList<>();
            change.before().getLast().rules().forEach(rule -> policies.add(AuthorizationPolicy.allow(
                    ObjectMeta.of("production", "p" + policies.size()), Target.EVERYTHING, List.of(rule))));
            policies.set(POLICIES - 1, AuthorizationPolicy.allow(
                    ObjectMeta.of("production", "p9"), Target.EVERYTHING, policies.getFirst().rules()));
            workloads.add(policies);
        }
        return workloads;
    }

    static List<Hygiene.Finding> flaws(List<AuthorizationPolicy> policies) {
        Hygiene hygiene = Hygiene.of(MeshSettings.DEFAULT, PolicyDiffBench.PAYMENTS, policies);
        if (!hygiene.uncertain().isEmpty()) {
            throw new IllegalStateException("not judged: " + hygiene.uncertain());
        }
        return hygiene.findings();
    }

    /// Nanoseconds for all workloads.
    static long round(List<List<AuthorizationPolicy>> workloads) {
        long start = System.nanoTime();
        int found = 0;
        for (List<AuthorizationPolicy> policies : workloads) {
            found += flaws(policies).size();
        }
        long took = System.nanoTime() - start;
        if (found < 2 * workloads.size()) {
            throw new IllegalStateException("rules that are said twice were not all found: " + found);
        }
        return took;
    }
}
