package dev.countersign.bench;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Cause;
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
import java.util.Optional;
import java.util.SplittableRandom;

/// P10: the flaws of 10,000 policies of one rule each, ten to a workload, each with its proof; and P9: the least grant for
/// a random denied call among ten policies, and the naming of its cause (policy, rule, field), each of a single call, the
/// clock's own time included. `RepairsAreRecheckedTests` holds repairs against the naive interpreter. The rules are those of `PolicyDiffBench`. No peer is part of this run.
///
/// Last line: `P9 cause-p50/cause-p99/repair-p99 - verdict` or `P10 seconds/flaws - verdict`.
public final class HygieneBench {
    private static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payments"));

    private static final int DENIALS = Boolean.getBoolean("bench.quick") ? 10_000 : 100_000;

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
        boolean causes = arguments.length > 0 && arguments[0].equals("P9");
        double[] seconds = new double[5];
        int flaws = 0;
        for (int round = -2; round < seconds.length && !causes; round++) {
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
        long[] repair = new long[DENIALS];
        long[] cause = new long[DENIALS];
        SplittableRandom random = new SplittableRandom(9);
        List<Authorizer> authorizers = workloads.stream()
                .map(policies -> Authorizer.of(MeshSettings.DEFAULT, policies, PAYMENTS)).toList();
        int grants = 0;
        for (int i = -DENIALS / 10; i < DENIALS; ) {
            int w = random.nextInt(workloads.size());
            Call call = Call.http(
                    "cluster.local/ns/" + (random.nextInt(4) == 0 ? "checkout" : "production") + "/sa/service-" + random.nextInt(14),
                    List.of("GET", "POST", "DELETE").get(random.nextInt(3)),
                    "/api/v" + (1 + random.nextInt(2)) + "/resource-" + random.nextInt(22), "shop.example", 8080);
            long start = System.nanoTime();
            Optional<Cause> named = authorizers.get(w).cause(call);
            long causeTook = System.nanoTime() - start;
            if (named.isEmpty()) {
                continue;
            }
            start = System.nanoTime();
            Repair found = Repair.of(MeshSettings.DEFAULT, workloads.get(w), PAYMENTS, call);
            long repairTook = System.nanoTime() - start;
            if (i >= 0) {
                cause[i] = causeTook;
                repair[i] = repairTook;
                grants += found instanceof Repair.Grant ? 1 : 0;
            }
            i++;
        }
        Arrays.sort(repair);
        Arrays.sort(cause);
        System.out.printf("repair p50 %.0f us, p99 %.0f us; cause p50 %.1f us, p99 %.1f us (10 policies, %,d denials, %,d of them repaired by a grant)%n",
                repair[DENIALS / 2] / 1e3, repair[DENIALS * 99 / 100] / 1e3, cause[DENIALS / 2] / 1e3, cause[DENIALS * 99 / 100] / 1e3, DENIALS, grants);
        if (!causes) {
            System.out.printf("10,000 policies, five rounds: %.2f to %.2f s%n", seconds[0], seconds[4]);
        }
        if (causes) {
            System.out.printf("P9 %.1fus/%.1fus/%.0fus - %s%n", cause[DENIALS / 2] / 1e3, cause[DENIALS * 99 / 100] / 1e3, repair[DENIALS * 99 / 100] / 1e3, cause[DENIALS * 99 / 100] <= 5_000 && repair[DENIALS * 99 / 100] <= 10_000_000 ? "met" : "missed");
        } else {
            System.out.printf("P10 %.2fs/%d - %s%n", seconds[2], flaws, seconds[2] <= 2 ? "met" : "missed");
        }
    }
}
