package dev.countersign.policy.naive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.laws.AimedCalls;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The engine and the naive interpreter say the same of random policies and calls.
///
/// A case is a set of policies and a call. Both must decide it alike; on one case in `naive.every` they must also agree
/// in reason, deciding policy and rule, audit and dry run (the engine's explanation costs ten times its decision).
/// Cases come in batches, each from one seed: `WORLDS` sets of policies, each tried on every call of a pool (from the
/// words of `Worlds`) and on calls aimed at its own rules; few calls where nothing attaches.
///
/// System properties: `naive.cases`, `naive.every`, `naive.seed` (the first seed). What was tried is printed, and the
/// whole case where they differ.
class NaiveAgreementTests {
    private static final long CASES = Long.getLong("naive.cases", 30_000_000L);
    private static final int EVERY = Integer.getInteger("naive.every", 16);
    private static final long SEED = Long.getLong("naive.seed", 20261123L);
    private static final int WORLDS = 400;
    private static final int POOL = 1200;
    private static final int AIMED = 150;
    private static final int WHERE_NOTHING_ATTACHES = 20;

    private final Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
    private long cases;
    private long complete;

    @Test
    void theEngineAgreesWithTheNaiveInterpreter() {
        long start = System.nanoTime();
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long seed = SEED;
        for (; cases < CASES; seed++) {
            batch(seed);
        }
        System.out.printf(
                "naive agreement: %,d cases, %,d of them completely, seeds %d to %d, %.1f s (%.1f s of CPU), %s%n",
                cases, complete, SEED, seed - 1, (System.nanoTime() - start) / 1e9,
                (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e9, reasons);
        assertThat(reasons.keySet()).as("reasons that occurred").containsExactlyInAnyOrder(Reason.values());
    }

    private void batch(long seed) {
        Worlds worlds = Worlds.seeded(seed);
        List<Call> http = pool(worlds, false);
        List<Call> tcp = pool(worlds, true);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < WORLDS; i++) {
            World world = worlds.world();
            Authorizer engine = Authorizer.of(world.mesh(), world.policies(), world.workload());
            NaiveInterpreter naive = new NaiveInterpreter(world.mesh(), world.policies(), world.workload());
            boolean ztunnel = world.workload().dataPlane() == DataPlane.ZTUNNEL;
            List<Call> calls = ztunnel || random.nextInt(4) == 0 ? tcp : http;
            if (world.policies().stream().noneMatch(naive::attaches)) {
                int from = random.nextInt(POOL - WHERE_NOTHING_ATTACHES);
                calls = calls.subList(from, from + WHERE_NOTHING_ATTACHES);
            } else {
                calls = new ArrayList<>(calls);
                AimedCalls aimed = new AimedCalls(random.nextLong(), world.policies(), world.workload().namespace());
                for (int c = 0; c < AIMED; c++) {
                    calls.add(aimed.next(ztunnel || random.nextInt(4) == 0, authorizers(random)));
                }
            }
            for (Call call : calls) {
                agree(engine, naive, world, call, seed, i);
            }
        }
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

    private void agree(Authorizer engine, NaiveInterpreter naive, World world, Call call, long seed, int number) {
        NaiveInterpreter.Answer answer = naive.decide(call);
        boolean completely = cases++ % EVERY == 0;
        boolean same = engine.allows(call) == (answer.decision() == Decision.ALLOW);
        if (completely) {
            complete++;
            same &= answer(engine.decide(call)).equals(answer);
        }
        if (!same) {
            throw new AssertionError("seed " + seed + ", world " + number + ": the engine says "
                    + answer(engine.decide(call)) + ", allows " + engine.allows(call)
                    + "\nthe naive interpreter says " + answer + "\n" + world + "\n" + call);
        }
        reasons.merge(answer.reason(), 1L, Long::sum);
    }

    private static NaiveInterpreter.Answer answer(Verdict verdict) {
        return new NaiveInterpreter.Answer(
                verdict.decision(), verdict.reason(), verdict.decidedBy(), verdict.audited(), verdict.dryRun());
    }

    /// They differed here first (seed 20261123, world 13): Istio's documentation says that `*` is any non-empty value, its
    /// golden files ask for the header's presence. The files are what proxies get.
    @Test
    void aStarIsTrueOfAnEmptyHostAndOfAnEmptyMethod() {
        for (OperationField field : List.of(OperationField.HOSTS, OperationField.METHODS)) {
            Operation star = Operation.of(field, Values.any("*"));
            List<AuthorizationPolicy> policies = List.of(AuthorizationPolicy.allow(
                    ObjectMeta.of("a", "p"), Target.EVERYTHING, List.of(new Rule(List.of(), List.of(star), List.of()))));
            Workload workload = Workload.sidecar("a", Map.of());
            Call call = Call.http("cluster.local/ns/a/sa/x", "", "/", "", 8080);

            Verdict verdict = Authorizer.decide(MeshSettings.DEFAULT, policies, workload, call);
            assertThat(verdict.allowed()).as(field.key()).isTrue();
            assertThat(new NaiveInterpreter(MeshSettings.DEFAULT, policies, workload).decide(call))
                    .isEqualTo(answer(verdict));
        }
    }
}
