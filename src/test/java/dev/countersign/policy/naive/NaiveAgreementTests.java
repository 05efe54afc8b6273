package dev.countersign.policy.naive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.laws.AimedCalls;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.DataPlane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The engine and the naive interpreter say the same of random policies and calls: decision, reason, deciding policy and
/// rule, audit, dry run.
///
/// A case is a set of policies and a call. Cases come in batches, each from one seed: `WORLDS` sets of policies, each
/// tried on every call of a pool (calls from the words of `Worlds`) and on calls aimed at its own rules. How many cases:
/// system property `naive.cases`; the first seed: `naive.seed`. The count and the seeds are printed; so is a case on
/// which they differ.
class NaiveAgreementTests {
    private static final long CASES = Long.getLong("naive.cases", 1_000_000L);
    private static final long SEED = Long.getLong("naive.seed", 20261123L);
    private static final int WORLDS = 200;
    private static final int POOL = 400;
    private static final int AIMED = 100;

    @Test
    void theEngineAgreesWithTheNaiveInterpreter() {
        long start = System.nanoTime();
        Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
        long cases = 0;
        long seed = SEED;
        while (cases < CASES) {
            cases += batch(seed, reasons);
            seed++;
        }
        System.out.printf(
                "naive agreement: %,d cases, seeds %d to %d, %.1f s, %s%n",
                cases, SEED, seed - 1, (System.nanoTime() - start) / 1e9, reasons);
        assertThat(reasons.keySet()).as("reasons that occurred").containsExactlyInAnyOrder(Reason.values());
    }

    /// Answers how many cases there were.
    private static long batch(long seed, Map<Reason, Long> reasons) {
        Worlds worlds = Worlds.seeded(seed);
        List<Call> http = pool(worlds, false);
        List<Call> tcp = pool(worlds, true);
        SplittableRandom random = new SplittableRandom(seed);
        long cases = 0;
        for (int i = 0; i < WORLDS; i++) {
            World world = worlds.world();
            Authorizer engine = Authorizer.of(world.mesh(), world.policies(), world.workload());
            NaiveInterpreter naive = new NaiveInterpreter(world.mesh(), world.policies(), world.workload());
            boolean ztunnel = world.workload().dataPlane() == DataPlane.ZTUNNEL;
            List<Call> calls = new ArrayList<>(ztunnel || random.nextInt(4) == 0 ? tcp : http);
            AimedCalls aimed = new AimedCalls(random.nextLong(), world.policies(), world.workload().namespace());
            for (int c = 0; c < AIMED; c++) {
                calls.add(aimed.next(ztunnel || random.nextInt(4) == 0, authorizers(random)));
            }
            for (Call call : calls) {
                Reason reason = agree(engine, naive, world, call, seed, i);
                reasons.merge(reason, 1L, Long::sum);
            }
            cases += calls.size();
        }
        return cases;
    }

    private static List<Call> pool(Worlds worlds, boolean tcp) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < POOL; i++) {
            calls.add(worlds.call(tcp));
        }
        return calls;
    }

    private static Map<String, ExternalAuthorizer> authorizers(SplittableRandom random) {
        return Map.of(
                "grpc", new ExternalAuthorizer(false, random.nextBoolean()),
                "http", new ExternalAuthorizer(true, random.nextBoolean()));
    }

    private static Reason agree(
            Authorizer engine, NaiveInterpreter naive, World world, Call call, long seed, int number) {
        Verdict verdict = engine.decide(call);
        NaiveInterpreter.Answer said = new NaiveInterpreter.Answer(
                verdict.decision(), verdict.reason(), verdict.decidedBy(), verdict.audited(), verdict.dryRun());
        NaiveInterpreter.Answer answer = naive.decide(call);
        if (!said.equals(answer)) {
            throw new AssertionError("seed " + seed + ", world " + number + ": the engine says " + said
                    + "\nthe naive interpreter says " + answer + "\n" + world + "\n" + call);
        }
        return verdict.reason();
    }
}
