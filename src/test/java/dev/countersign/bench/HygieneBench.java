package dev.countersign.bench;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Hygiene;
import dev.countersign.policy.reason.Repair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// P10: the flaws of 10,000 policies of one rule each, ten to a workload, each with its proof; and P9: the least grant for
/// a denied call among ten policies, re-checked. The rules are those of `PolicyDiffBench`. No peer is part of this run.
///
/// Last line: `P9 cause-p50/repair-p99 - verdict` or `P10 seconds/flaws - verdict`.
public final class HygieneBench {
    private static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payments"));

    private HygieneBench() {}

    public static void main(String[] arguments) {
        List<List<AuthorizationPolicy>> workloads = new ArrayList<>();
        for (PolicyDiffBench.Change change : PolicyDiffBench.changes(10, 1000)) {
            List<AuthorizationPolicy> policies = new ArrayList<>();
            change.before().getLast().rules().forEach(rule -> policies.add(AuthorizationPolicy.allow(
                    ObjectMeta.of("production", "p" + policies.size()), Target.EVERYTHING, List.of(rule))));
            // One rule of each workload is said twice: both are redundant.
            policies.set(9, AuthorizationPolicy.allow(
                    ObjectMeta.of("production", "p9"), Target.EVERYTHING, policies.getFirst().rules()));
            workloads.add(policies);
        }
        double[] seconds = new double[5];
        int flaws = 0;
        for (int round = -2; round < seconds.length; round++) {
            flaws = 0;
            long start = System.nanoTime();
            for (List<AuthorizationPolicy> policies : workloads) {
                flaws += Hygiene.of(MeshSettings.DEFAULT, PAYMENTS, policies).findings().size();
            }
            if (round >= 0) {
                seconds[round] = (System.nanoTime() - start) / 1e9;
            }
        }
        Arrays.sort(seconds);
        Call call = Call.http("cluster.local/ns/other/sa/caller", "GET", "/api/v1/resource-1", "shop.example", 8080);
        long[] repair = new long[10_000];
        long[] cause = new long[10_000];
        for (int i = 0; i < repair.length; i++) {
            List<AuthorizationPolicy> policies = workloads.get(i % workloads.size());
            long start = System.nanoTime();
            Repair.of(MeshSettings.DEFAULT, policies, PAYMENTS, call);
            repair[i] = System.nanoTime() - start;
            Authorizer authorizer = Authorizer.of(MeshSettings.DEFAULT, policies, PAYMENTS);
            authorizer.decide(call);
            start = System.nanoTime();
            authorizer.decide(call);
            cause[i] = System.nanoTime() - start;
        }
        Arrays.sort(repair);
        Arrays.sort(cause);
        System.out.printf("repair p50 %.0f us, p99 %.0f us; cause p50 %.1f us, p99 %.1f us (10 policies)%n",
                repair[5000] / 1e3, repair[9900] / 1e3, cause[5000] / 1e3, cause[9900] / 1e3);
        System.out.printf("10,000 policies, five rounds: %.2f to %.2f s%n", seconds[0], seconds[4]);
        if (arguments.length > 0 && arguments[0].equals("P9")) {
            System.out.printf("P9 %.1fus/%.0fus - %s%n", cause[5000] / 1e3, repair[9900] / 1e3, cause[5000] <= 5_000 && repair[9900] <= 10_000_000 ? "met" : "missed");
        } else {
            System.out.printf("P10 %.2fs/%d - %s%n", seconds[2], flaws, seconds[2] <= 2 ? "met" : "missed");
        }
    }
}
