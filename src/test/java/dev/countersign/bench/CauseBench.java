package dev.countersign.bench;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Cause;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.naive.NaiveInterpreter;
import dev.countersign.policy.reason.Repair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// P9: 100,000 random denials at 1,000 workloads of ten policies and a DENY policy at every fourth. The cause of each
/// (policy, rule, field) by the workload's prepared `Authorizer`, the workload another at random each time, and the least
/// grant for each; both of single calls, the clock's own time included.
///
/// Every denial is one for the naive interpreter too, which was written by another hand. It re-checks every repair: with
/// the grant the call passes, and where a repair says that no grant helps, not even one of everything to everyone does. One
/// that does not hold ends the run without a verdict. `CauseTests` holds causes against all rules, one by one.
///
/// Last line: `P9 cause-p50/cause-p99/repair-p50/repair-p99 re-checked-share verdict`; the targets are those of the middle
/// for causes, and of the 99th of a hundred for repairs.
public final class CauseBench {
    private static final int DENIALS = Boolean.getBoolean("bench.quick") ? 5_000 : 100_000;
    private static final long SEED = Long.getLong("bench.seed", 9);

    private record Denial(int workload, Call call) {}

    private CauseBench() {}

    public static void main(String[] arguments) {
        List<List<AuthorizationPolicy>> workloads = HygieneBench.workloads();
        for (int w = 0; w < workloads.size(); w += 4) {
            workloads.get(w).add(PolicyDiffBench.deny());
        }
        List<Authorizer> authorizers = workloads.stream()
                .map(policies -> Authorizer.of(MeshSettings.DEFAULT, policies, PolicyDiffBench.PAYMENTS)).toList();
        List<Denial> denials = denials(workloads);
        for (int warm = 0; warm < 500_000 / DENIALS; warm++) {
            denials.forEach(denial -> authorizers.get(denial.workload()).cause(denial.call())); // every workload is read once
        }
        System.gc(); // what stands is moved together, as in a process that has run for a while
        double[] causes = new double[DENIALS];
        int fields = 0;
        for (int i = 0; i < DENIALS; i++) {
            Denial denial = denials.get(i);
            Authorizer authorizer = authorizers.get(denial.workload());
            long start = System.nanoTime();
            Cause cause = authorizer.cause(denial.call()).orElseThrow();
            causes[i] = (System.nanoTime() - start) / 1e3;
            fields += cause.field().isPresent() ? 1 : 0;
        }
        denials.stream().limit(DENIALS / 10).forEach(denial -> repair(workloads, denial));
        double[] repairs = new double[DENIALS];
        List<Repair> found = new ArrayList<>();
        for (int i = 0; i < DENIALS; i++) {
            long start = System.nanoTime();
            Repair repair = repair(workloads, denials.get(i));
            repairs[i] = (System.nanoTime() - start) / 1e3;
            found.add(repair);
        }
        int grants = 0;
        int holding = 0;
        for (int i = 0; i < DENIALS; i++) {
            grants += found.get(i) instanceof Repair.Grant ? 1 : 0;
            holding += holds(workloads, denials.get(i), found.get(i)) ? 1 : 0;
        }
        Spread cause = new Spread(causes);
        Spread repair = new Spread(repairs);
        System.out.printf("seed %d, %,d denials, %,d of them for want of a field; cause us: %s%n", SEED, DENIALS, fields, cause);
        System.out.printf("repair us: %s; %,d grants, %,d where none helps%n", repair, grants, DENIALS - grants);
        System.out.printf("re-checked by the naive interpreter: %,d of %,d repairs hold%n", holding, DENIALS);
        if (holding != DENIALS || grants == 0 || grants == DENIALS) {
            throw new IllegalStateException("no verdict: not every repair holds, or there is but one kind of them");
        }
        System.out.printf("P9 %.1fus/%.1fus/%.0fus/%.0fus 100%% %s%n", cause.median(), cause.at(0.99), repair.median(), repair.at(0.99),
                cause.median() <= 5 && repair.at(0.99) <= 10_000 ? "met" : "missed");
    }

    private static List<Denial> denials(List<List<AuthorizationPolicy>> workloads) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<NaiveInterpreter> naive = workloads.stream()
                .map(policies -> new NaiveInterpreter(MeshSettings.DEFAULT, policies, PolicyDiffBench.PAYMENTS)).toList();
        List<Denial> denials = new ArrayList<>();
        while (denials.size() < DENIALS) {
            int workload = random.nextInt(workloads.size());
            Call call = Call.http(
                    "cluster.local/ns/" + (random.nextInt(4) == 0 ? "checkout" : "production") + "/sa/service-" + random.nextInt(14),
                    List.of("GET", "POST", "DELETE").get(random.nextInt(3)),
                    random.nextInt(8) == 0 ? "/debug/" + random.nextInt(9) : "/api/v" + (1 + random.nextInt(2)) + "/resource-" + random.nextInt(22),
                    "shop.example", 8080);
            if (naive.get(workload).decide(call).decision() == Decision.DENY) {
                denials.add(new Denial(workload, call));
            }
        }
        return denials;
    }

    private static Repair repair(List<List<AuthorizationPolicy>> workloads, Denial denial) {
        return Repair.of(MeshSettings.DEFAULT, workloads.get(denial.workload()), PolicyDiffBench.PAYMENTS, denial.call());
    }

    private static boolean holds(List<List<AuthorizationPolicy>> workloads, Denial denial, Repair repair) {
        return switch (repair) {
            case Repair.Grant(var caller, var operation) -> passes(workloads, denial, granted(caller.principal(), operation));
            case Repair.Forbidden _ -> !passes(workloads, denial, Rule.ANY);
            // Every caller here has an identity that policies can name.
            case Repair.NotNeeded _, Repair.NoIdentity _, Repair.Unnameable _ -> false;
        };
    }

    private static boolean passes(List<List<AuthorizationPolicy>> workloads, Denial denial, Rule rule) {
        List<AuthorizationPolicy> more = new ArrayList<>(workloads.get(denial.workload()));
        more.add(AuthorizationPolicy.allow(ObjectMeta.of("production", "repair"), Target.EVERYTHING, List.of(rule)));
        return new NaiveInterpreter(MeshSettings.DEFAULT, more, PolicyDiffBench.PAYMENTS).decide(denial.call()).decision() == Decision.ALLOW;
    }

    private static Rule granted(String principal, GrantedOperation operation) {
        List<Operation> to = operation.wholeService() ? List.of() : List.of(new Operation(Map.of(
                OperationField.METHODS, Values.any(operation.methods()),
                OperationField.PATHS, Values.any(operation.paths()),
                OperationField.PORTS, Values.any(operation.ports().stream().map(String::valueOf).toList()))));
        return new Rule(List.of(Source.principals(List.of(principal))), to, List.of());
    }
}
