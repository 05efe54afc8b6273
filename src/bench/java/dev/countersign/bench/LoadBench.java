package dev.countersign.bench;

import com.cedarpolicy.model.policy.PolicySet;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PreparedMesh;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.policy.yaml.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// P3: the 100,000 policies of `DecisionBench` from YAML text (files of 500) until every workload is ready to decide, on all
/// processors; Cedar parses as many permits from its own text beside it, and takes turns. Then the live heap that all of it
/// holds, and the time to replace one policy, 20,000 times at random, while a thread goes on deciding.
///
/// Last line: `P3 seconds/MB/replace-p99-us Cedar-ratio verdict`.
public final class LoadBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int POLICIES = QUICK ? 10_000 : 100_000;
    private static final int ROUNDS = QUICK ? 2 : 5;
    private static final int FILE = 500;

    private record Loaded(List<AuthorizationPolicy> policies, PreparedMesh mesh, int ready) {}

    private LoadBench() {}

    public static void main(String[] arguments) throws Exception {
        List<String> files = new ArrayList<>();
        List<String> permits = new ArrayList<>();
        List<AuthorizationPolicy> all = DecisionBench.mesh(POLICIES).policies();
        for (int from = 0; from < all.size(); from += FILE) {
            files.add(all.subList(from, from + FILE).stream().map(PolicyWriter::text).collect(Collectors.joining("---\n")));
        }
        all.forEach(policy -> permits.add(DecisionPeersBench.cedarText(policy, 0)));
        String cedar = String.join("\n", permits);
        all = List.of();
        double[] seconds = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            long start = System.nanoTime();
            int parsed = PolicySet.parsePolicies(cedar).getNumPolicies();
            double theirs = (System.nanoTime() - start) / 1e9;
            start = System.nanoTime();
            Loaded loaded = load(files);
            double ours = (System.nanoTime() - start) / 1e9;
            if (parsed != POLICIES || loaded.policies().size() != POLICIES || loaded.ready() != POLICIES / 10) {
                throw new IllegalStateException(parsed + " permits, " + loaded.policies().size() + " policies, " + loaded.ready() + " workloads");
            }
            System.out.printf("%d policies%s: Cedar parsed in %.2f s, we were ready in %.2f s%n", POLICIES, round < 0 ? " (warm up)" : "", theirs, ours);
            if (round >= 0) {
                seconds[round] = ours;
                ratios[round] = theirs / ours;
            }
        }
        Arrays.sort(seconds);
        Arrays.sort(ratios);
        double without = heap();
        Loaded loaded = load(files);
        double heap = heap() - without;
        double tail = replace(loaded);
        System.out.printf("Cedar: median ratio %.1f, from %.1f to %.1f%n", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
        System.out.printf("P3 %.2fs/%.0fMB/%.0fus %.1f %s%n", seconds[ROUNDS / 2], heap, tail, ratios[ROUNDS / 2],
                seconds[ROUNDS / 2] <= 2 && heap <= 200 && tail <= 50 ? "met" : "missed");
    }

    private static Loaded load(List<String> files) {
        List<AuthorizationPolicy> policies = files.parallelStream()
                .flatMap(file -> ((Reading.Read) PolicyReader.read(file)).documents().stream())
                .map(document -> document.decoding().as(AuthorizationPolicy.class).orElseThrow())
                .toList();
        PreparedMesh mesh = PreparedMesh.of(MeshSettings.DEFAULT, policies);
        Set<Workload> workloads = new LinkedHashSet<>();
        policies.forEach(policy -> workloads.add(workload(policy)));
        workloads.forEach(mesh::workload);
        return new Loaded(policies, mesh, workloads.size());
    }

    private static double replace(Loaded loaded) throws InterruptedException {
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicLong decided = new AtomicLong();
        AtomicLong between = new AtomicLong();
        AtomicLong longest = new AtomicLong();
        Call call = Call.http("cluster.local/ns/callers/sa/service-3", "GET", "/health", "shop.example", 8080);
        PreparedMesh.Guarded[] guarded = loaded.policies().stream()
                .filter(policy -> policy.metadata().name().endsWith("3"))
                .map(policy -> loaded.mesh().workload(workload(policy)))
                .toArray(PreparedMesh.Guarded[]::new);
        Thread reader = Thread.ofPlatform().start(() -> {
            for (int i = 0; going.get(); i++) {
                // Callers are replaced one for one, so that this caller's own policy is always there.
                long start = System.nanoTime();
                if (!guarded[i % guarded.length].allows(call)) {
                    between.incrementAndGet();
                }
                longest.accumulateAndGet(System.nanoTime() - start, Math::max);
                decided.incrementAndGet();
            }
        });
        java.util.SplittableRandom random = new java.util.SplittableRandom(3);
        int changes = QUICK ? 5_000 : 20_000;
        long[] nanos = new long[changes];
        for (int i = -changes / 2; i < changes; i++) {
            AuthorizationPolicy old = loaded.policies().get(random.nextInt(POLICIES));
            AuthorizationPolicy other = AuthorizationPolicy.allow(
                    ObjectMeta.of(old.metadata().namespace(), old.metadata().name()), old.target(),
                    i % 2 == 0 ? old.rules() : List.of(old.rules().getFirst(), loaded.policies().get(random.nextInt(POLICIES)).rules().getFirst()));
            long start = System.nanoTime();
            loaded.mesh().replace(other);
            long took = System.nanoTime() - start;
            if (i >= 0) {
                nanos[i] = took;
            }
        }
        going.set(false);
        reader.join();
        if (between.get() > 0 || decided.get() < changes) {
            throw new IllegalStateException("no verdict: of " + decided.get() + " decisions " + between.get() + " saw a moment between two policies");
        }
        Arrays.sort(nanos);
        System.out.printf("replace one policy: p50 %.1f us, p99 %.1f us, max %.0f us; %d decisions beside it, the longest %.0f us (collector and scheduler included)%n",
                nanos[changes / 2] / 1e3, nanos[changes * 99 / 100] / 1e3, nanos[changes - 1] / 1e3, decided.get(), longest.get() / 1e3);
        return nanos[changes * 99 / 100] / 1e3;
    }

    private static Workload workload(AuthorizationPolicy policy) {
        return Workload.sidecar(policy.metadata().namespace(), Map.copyOf(((Target.Selector) policy.target()).matchLabels()));
    }

    private static double heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1e6;
    }
}
