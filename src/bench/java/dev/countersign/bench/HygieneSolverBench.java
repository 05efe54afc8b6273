package dev.countersign.bench;

import com.microsoft.z3.Status;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.reason.Hygiene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// P10 beside Z3: the flaws of the 10,000 policies of `HygieneBench`, in five rounds; and of a sample of 100 pairs of rules,
/// each of one workload, Z3 is asked whether one of them lets pass nothing that the other does not. The sample is 20 pairs
/// that say the same and 80 at random (the seed is printed). A round of ours comes after every 20 pairs.
///
/// We judge each rule among all others of its workload at once, which says more than all pairs do; the ratio is what Z3
/// takes for a pair, by the pairs that there are, to what we take for everything. A pair that Z3 leaves UNKNOWN within the
/// time limit (`-Dbench.timeout=`, milliseconds) counts as the time it took.
///
/// Both must agree on every pair that Z3 answers, or the run ends without a verdict.
///
/// Last line: `P10 seconds/flaws ratio verdict`.
public final class HygieneSolverBench {
    private static final int PAIRS = Boolean.getBoolean("bench.quick") ? 20 : 100;
    private static final int ROUNDS = 5;
    private static final long SEED = Long.getLong("bench.seed", 10);

    private record Pair(AuthorizationPolicy one, AuthorizationPolicy other) {}

    private HygieneSolverBench() {}

    public static void main(String[] arguments) {
        List<List<AuthorizationPolicy>> workloads = HygieneBench.workloads();
        List<Pair> pairs = pairs(workloads);
        HygieneBench.round(workloads);
        HygieneBench.round(workloads);
        double[] seconds = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        double all = (double) workloads.size() * HygieneBench.POLICIES * (HygieneBench.POLICIES - 1);
        int covered = 0;
        int unknown = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            List<Status> answers = new ArrayList<>();
            List<Pair> some = pairs.subList(round * PAIRS / ROUNDS, (round + 1) * PAIRS / ROUNDS);
            for (Pair pair : some) {
                answers.add(PolicyDiffSolverBench.outside(pair.one().rules().getFirst(), pair.other().rules().getFirst()));
            }
            double theirs = (System.nanoTime() - start) / 1e9 / some.size();
            seconds[round] = HygieneBench.round(workloads) / 1e9;
            ratios[round] = theirs * all / seconds[round];
            for (int p = 0; p < some.size(); p++) {
                boolean ours = coveredByTheOther(some.get(p));
                covered += ours ? 1 : 0;
                unknown += answers.get(p) == Status.UNKNOWN ? 1 : 0;
                if (answers.get(p) != Status.UNKNOWN && ours != (answers.get(p) == Status.UNSATISFIABLE)) {
                    throw new IllegalStateException("no verdict: the solver says " + answers.get(p) + " and we do not, of " + some.get(p));
                }
            }
            System.out.printf("Z3 %.1f ms a pair, ours %.2f s for all %,.0f pairs and everything else, ratio %.0f%n", theirs * 1e3, seconds[round], all, ratios[round]);
        }
        if (covered == 0 || covered == PAIRS || unknown == PAIRS) {
            throw new IllegalStateException("no verdict: the sample says nothing, " + covered + " covered and " + unknown + " unknown");
        }
        int flaws = workloads.stream().mapToInt(policies -> HygieneBench.flaws(policies).size()).sum();
        Arrays.sort(seconds);
        Arrays.sort(ratios);
        System.out.printf("seed %d: %d pairs, %d of them covered; Z3 UNKNOWN at %d, else it agrees; median ratio %.0f, from %.0f to %.0f%n",
                SEED, PAIRS, covered, unknown, ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
        System.out.printf("P10 %.2fs/%d %.0f %s%n", seconds[ROUNDS / 2], flaws, ratios[ROUNDS / 2], seconds[ROUNDS / 2] <= 2 ? "met" : "missed");
    }

    private static List<Pair> pairs(List<List<AuthorizationPolicy>> workloads) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Pair> pairs = new ArrayList<>();
        for (int p = 0; p < PAIRS; p++) {
            List<AuthorizationPolicy> policies = workloads.get(random.nextInt(workloads.size()));
            int one = random.nextInt(HygieneBench.POLICIES);
            int other = (one + 1 + random.nextInt(HygieneBench.POLICIES - 1)) % HygieneBench.POLICIES;
            pairs.add(p % 5 == 0 ? new Pair(policies.getFirst(), policies.getLast()) : new Pair(policies.get(one), policies.get(other)));
        }
        return pairs;
    }

    /// Whether we call the one of the two redundant.
    private static boolean coveredByTheOther(Pair pair) {
        return HygieneBench.flaws(List.of(pair.one(), pair.other())).stream()
                .anyMatch(flaw -> flaw.flaw() == Hygiene.Flaw.REDUNDANT && flaw.rule().policy().equals(pair.one().metadata().key()));
    }
}
