package dev.countersign.bench;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PreparedMesh;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.MeshReach;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// P5: who can call what among 10,000 sources in 200 namespaces and 10,000 workloads under 10,000 policies: 97 in 100 of one
/// workload with one to four rules (principals or namespaces, methods, paths; one rule in 64 a path template), two in 100 of
/// a namespace, one in 100 a DENY, five of the mesh. Peers answer the same on a sample of one pair in a hundred, given our
/// classes and witnesses for nothing: `PreparedMesh`, a call for each class, the sample whole in every round; and the
/// `Authorizer` read anew for each pair from all policies, a fifth of the sample in each of five rounds. They take turns
/// with us, and every answer must be the same. Then 100,000 workloads under as many policies, alone.
///
/// P6: one policy of that mesh edited (a rule more or less, other callers, other operations, gone, back again): the new
/// matrix and its exact difference. After each hundredth the bytes are compared with the matrix made from scratch.
///
/// `-Dbench.quick=true` is a tenth of the size; `-Dp5.scan` is the share of the sample that the scan answers, 1 unless told.
///
/// Last line: `P5 seconds/MB/seconds-at-100k scan-ratio/prepared-ratio verdict` or `P6 p50us/p99us - verdict`.
public final class MeshReachBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int SIZE = QUICK ? 1_000 : 10_000;
    private static final int ROUNDS = 5;
    private static final double SCAN = Double.parseDouble(System.getProperty("p5.scan", "1"));
    private static final MeshSettings MESH = MeshSettings.DEFAULT;

    private MeshReachBench() {}

    record Mesh(List<Spiffe> sources, Map<String, Workload> workloads, List<AuthorizationPolicy> policies) {
        MeshReach reach() {
            return MeshReach.of(MESH, sources, workloads, policies);
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("P6")) {
            edits();
        } else {
            whole();
        }
    }

    private static void whole() throws Exception {
        Mesh mesh = mesh(SIZE, SIZE, Math.max(20, SIZE / 50));
        double without = heap();
        long start = System.nanoTime();
        MeshReach reach = mesh.reach();
        System.out.printf("the first time, nothing compiled: %.2f s%n", (System.nanoTime() - start) / 1e9);
        double held = heap() - without;
        System.out.printf("%,d sources, %,d workloads, %,d policies: %,d answers (source, workload, class), %,d pass; %,d of %,d pairs; %.0f MB live%n",
                mesh.sources().size(), mesh.workloads().size(), mesh.policies().size(), reach.decided(), reach.accesses(), reach.pairs(),
                (long) (mesh.sources().size() + 1) * mesh.workloads().size(), held);
        if (!reach.doubts().isEmpty()) {
            throw new IllegalStateException("not proven: " + reach.doubts().getFirst());
        }
        for (int warm = 0; warm < 5; warm++) {
            mesh.reach();
        }
        double[] seconds = new double[ROUNDS];
        double[] prepared = new double[ROUNDS];
        double[] scan = new double[ROUNDS];
        Sample sample = new Sample(mesh, reach);
        sample.prepared(0, 50);
        for (int round = 0; round < ROUNDS; round++) {
            start = System.nanoTime();
            reach = mesh.reach();
            seconds[round] = (System.nanoTime() - start) / 1e9;
            double all = (double) mesh.sources().size() * mesh.workloads().size();
            double byPrepared = sample.prepared(0, sample.workloads.size()) * all;
            double byScan = sample.scan(round) * all;
            prepared[round] = byPrepared / seconds[round];
            scan[round] = byScan / seconds[round];
            System.out.printf("round %d: ours %.3f s; for all pairs, by the sample: prepared mesh %.0f s (%.0fx), scan %.0f s (%.0fx)%n",
                    round, seconds[round], byPrepared, prepared[round], byScan, scan[round]);
        }
        Spread ours = new Spread(seconds);
        Spread ofPrepared = new Spread(prepared);
        Spread ofScan = new Spread(scan);
        System.out.printf("seconds %s%nratio to the prepared mesh %s%nratio to the scan %s%n", ours, ofPrepared, ofScan);
        sample = null;
        double large = large();
        boolean met = ours.median() <= 1 && held <= 1000 && large <= 5 && ofScan.median() >= 1000 && ofPrepared.median() >= 20;
        System.out.printf("P5 %.3fs/%.0fMB/%.2fs %.0f/%.0f %s%n", ours.median(), held, large, ofScan.median(), ofPrepared.median(), met && !QUICK ? "met" : QUICK ? "quick" : "missed");
    }

    private static double large() {
        Mesh mesh = mesh(SIZE, 10 * SIZE, Math.max(20, SIZE / 5));
        double[] seconds = new double[3];
        for (int round = 0; round < seconds.length; round++) {
            long start = System.nanoTime();
            MeshReach reach = mesh.reach();
            seconds[round] = (System.nanoTime() - start) / 1e9;
            System.out.printf("%,d workloads, %,d policies: %.2f s, %,d pairs pass%n",
                    mesh.workloads().size(), mesh.policies().size(), seconds[round], reach.pairs());
        }
        return new Spread(seconds).median();
    }

    /// Every tenth source with every tenth workload: one pair in a hundred.
    private static final class Sample {
        private final Mesh mesh;
        private final PreparedMesh prepared;
        private final List<Spiffe> sources = new ArrayList<>();
        private final List<String> workloads = new ArrayList<>();
        private final MeshReach reach;

        Sample(Mesh mesh, MeshReach reach) {
            this.mesh = mesh;
            this.reach = reach;
            this.prepared = PreparedMesh.of(MESH, mesh.policies());
            for (int s = 0; s < reach.sources().size(); s += 10) {
                sources.add(reach.sources().get(s));
            }
            for (int w = 0; w < reach.workloads().size(); w += 10) {
                workloads.add(reach.workloads().get(w));
            }
            workloads.forEach(name -> prepared.workload(mesh.workloads().get(name)));
        }

        /// Seconds a pair. Calls are made outside the time.
        double prepared(int from, int to) {
            long nanos = 0;
            for (String name : workloads.subList(from, to)) {
                List<MeshReach.Access> accesses = reach.into(name);
                Call[][] calls = calls(accesses, sources);
                boolean[][] allowed = new boolean[calls.length][sources.size()];
                Workload workload = mesh.workloads().get(name);
                long start = System.nanoTime();
                for (int s = 0; s < sources.size(); s++) {
                    PreparedMesh.Guarded guarded = prepared.workload(workload);
                    for (int c = 0; c < calls.length; c++) {
                        allowed[c][s] = guarded.allows(calls[c][s]);
                    }
                }
                nanos += System.nanoTime() - start;
                check(name, accesses, allowed, sources);
            }
            return nanos / 1e9 / ((double) (to - from) * sources.size());
        }

        /// Seconds a pair; one fifth of the workloads, or less of them if so told.
        double scan(int round) {
            long nanos = 0;
            int pairs = 0;
            double share = SCAN / ROUNDS;
            int some = Math.max(1, (int) Math.round(workloads.size() * share));
            for (int i = 0; i < some; i++) {
                String name = workloads.get((round * some + i) % workloads.size());
                List<MeshReach.Access> accesses = reach.into(name);
                Call[][] calls = calls(accesses, sources);
                boolean[][] allowed = new boolean[calls.length][sources.size()];
                Workload workload = mesh.workloads().get(name);
                long start = System.nanoTime();
                for (int s = 0; s < sources.size(); s++) {
                    Authorizer authorizer = Authorizer.of(MESH, mesh.policies(), workload);
                    for (int c = 0; c < calls.length; c++) {
                        allowed[c][s] = authorizer.allows(calls[c][s]);
                    }
                }
                nanos += System.nanoTime() - start;
                pairs += sources.size();
                check(name, accesses, allowed, sources);
            }
            return nanos / 1e9 / pairs;
        }

        private static Call[][] calls(List<MeshReach.Access> accesses, List<Spiffe> sources) {
            Call[][] calls = new Call[accesses.size()][sources.size()];
            for (int c = 0; c < calls.length; c++) {
                Call witness = accesses.get(c).calls().witness(Optional.empty());
                for (int s = 0; s < sources.size(); s++) {
                    calls[c][s] = new Call(Optional.of(sources.get(s).principal()), witness.sourceIp(), witness.remoteIp(), witness.destinationIp(),
                            witness.destinationPort(), witness.sni(), witness.http(), witness.filterMetadata(), witness.externalAuthorizers());
                }
            }
            return calls;
        }

        private static void check(String workload, List<MeshReach.Access> accesses, boolean[][] allowed, List<Spiffe> sources) {
            for (int c = 0; c < allowed.length; c++) {
                for (int s = 0; s < sources.size(); s++) {
                    if (allowed[c][s] != accesses.get(c).passing().contains(Optional.of(sources.get(s)))) {
                        throw new IllegalStateException(workload + ", " + sources.get(s) + ": not agreed about " + accesses.get(c).calls());
                    }
                }
            }
        }
    }

    private static void edits() {
        Mesh mesh = mesh(SIZE, SIZE, Math.max(20, SIZE / 50));
        MeshReach reach = mesh.reach();
        SplittableRandom random = new SplittableRandom(6);
        Map<String, AuthorizationPolicy> standing = new LinkedHashMap<>();
        mesh.policies().forEach(policy -> standing.put(policy.metadata().key(), policy));
        int edits = QUICK ? 1_000 : 10_000;
        int warm = edits / 2;
        double[] micros = new double[edits];
        long changes = 0;
        int compared = 0;
        for (int i = -warm; i < edits; i++) {
            AuthorizationPolicy first = mesh.policies().get(random.nextInt(mesh.policies().size()));
            AuthorizationPolicy now = standing.get(first.metadata().key());
            Optional<AuthorizationPolicy> next = now == null ? Optional.of(first) : edited(random, now, mesh);
            long start = System.nanoTime();
            MeshReach.Step step = next.isPresent()
                    ? reach.with(next.get())
                    : reach.without(first.metadata().namespace(), first.metadata().name());
            long took = System.nanoTime() - start;
            reach = step.after();
            next.ifPresentOrElse(policy -> standing.put(policy.metadata().key(), policy), () -> standing.remove(first.metadata().key()));
            if (i >= 0) {
                micros[i] = took / 1e3;
                changes += step.delta().opened() + step.delta().cut();
                if ((i + 1) % 100 == 0) {
                    Mesh scratch = new Mesh(mesh.sources(), mesh.workloads(), List.copyOf(standing.values()));
                    if (!Arrays.equals(reach.bytes(), scratch.reach().bytes())) {
                        throw new IllegalStateException("after edit " + i + " the matrix is not what it is from scratch");
                    }
                    compared++;
                }
            }
        }
        Spread spread = new Spread(micros);
        System.out.printf("%,d policies, %,d edits: us %s, 99.9th %.0f; %,d answers changed; %d times equal to from scratch, byte for byte%n",
                mesh.policies().size(), edits, spread, spread.at(0.999), changes, compared);
        System.out.printf("P6 %.0fus/%.0fus - %s%n", spread.median(), spread.at(0.99), QUICK ? "quick" : spread.at(0.99) <= 1000 ? "met" : "missed");
    }

    /// Empty: taken away.
    private static Optional<AuthorizationPolicy> edited(SplittableRandom random, AuthorizationPolicy policy, Mesh mesh) {
        List<Rule> rules = new ArrayList<>(policy.rules());
        int at = random.nextInt(rules.size());
        switch (random.nextInt(5)) {
            case 0 -> {
                return Optional.empty();
            }
            case 1 -> rules.add(rule(random, mesh.sources()));
            case 2 -> rules.set(at, new Rule(rule(random, mesh.sources()).from(), rules.get(at).to(), List.of()));
            case 3 -> rules.set(at, new Rule(rules.get(at).from(), rule(random, mesh.sources()).to(), List.of()));
            default -> {
                if (rules.size() > 1) {
                    rules.remove(at);
                } else {
                    rules.add(rule(random, mesh.sources()));
                }
            }
        }
        return Optional.of(new AuthorizationPolicy(policy.metadata(), policy.target(), policy.action(), Optional.empty(), rules));
    }

    static Mesh mesh(int sources, int workloads, int namespaces) {
        SplittableRandom random = new SplittableRandom(5);
        List<Spiffe> identities = new ArrayList<>();
        int homes = Math.max(20, sources / 50);
        for (int s = 0; s < sources; s++) {
            identities.add(new Spiffe("cluster.local", "ns-" + s % homes, "service-" + s / homes));
        }
        Map<String, Workload> named = new LinkedHashMap<>();
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (int w = 0; w < workloads; w++) {
            String namespace = "ns-" + w % namespaces;
            String app = "service-" + w / namespaces;
            named.put(namespace + "/" + app, Workload.sidecar(namespace, Map.of("app", app, "version", "v1")));
            int kind = random.nextInt(100);
            Target target = kind < 2 ? Target.EVERYTHING : new Target.Selector(Map.of("app", app));
            List<Rule> rules = new ArrayList<>();
            for (int r = 0; r < 1 + random.nextInt(4); r++) {
                rules.add(rule(random, identities));
            }
            policies.add(new AuthorizationPolicy(
                    ObjectMeta.of(w < 5 ? MESH.rootNamespace() : namespace, "p-" + w),
                    w < 5 ? Target.EVERYTHING : target,
                    kind == 2 || w >= 3 && w < 5 ? Action.DENY : Action.ALLOW,
                    Optional.empty(),
                    rules));
        }
        return new Mesh(identities, named, policies);
    }

    /// Four rules in five name one to four callers, the others one or two namespaces.
    private static Rule rule(SplittableRandom random, List<Spiffe> sources) {
        Set<String> values = new LinkedHashSet<>();
        boolean named = random.nextInt(5) > 0;
        for (int i = 0; i < 1 + random.nextInt(named ? 4 : 2); i++) {
            Spiffe one = sources.get(random.nextInt(sources.size()));
            values.add(named ? one.principal() : one.namespace());
        }
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            paths.add("/api/v" + (1 + random.nextInt(2)) + "/resource-" + random.nextInt(40) + List.of("", "/*", "/*", "/items/*").get(random.nextInt(4)));
        }
        if (random.nextInt(64) == 0) {
            paths.add("/api/v1/resource-" + random.nextInt(40) + "/{*}/lines");
        }
        List<String> methods = List.of(List.of("GET"), List.of("GET", "POST"), List.of("GET", "HEAD"), List.of("POST", "PUT", "DELETE")).get(random.nextInt(4));
        Operation operation = Operation.of(OperationField.METHODS, Values.any(methods));
        return new Rule(
                List.of(Source.of(named ? SourceField.PRINCIPALS : SourceField.NAMESPACES, Values.any(List.copyOf(values)))),
                List.of(random.nextInt(8) == 0 ? operation : operation.and(OperationField.PATHS, Values.any(paths))),
                List.of());
    }

    private static double heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1e6;
    }
}
