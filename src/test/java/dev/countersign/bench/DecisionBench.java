package dev.countersign.bench;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PreparedMesh;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// P1 and P2: one decision among 100, 10,000 and 100,000 policies. A workload has ten ALLOW policies of one rule (one
/// caller, two methods, two paths); a call is to a random workload, found by its name, half by a caller who is
/// named there. Operations recur (120 different ones). The middle is of batches of 500 decisions, for a clock is too coarse
/// for one; the 99th of a hundred is of single decisions, the clock's own time included. The sizes take turns. Every size is
/// first checked against the `Authorizer` on 2,000 calls. `DecisionPeersBench` runs it with its peers.
final class DecisionBench {
    private static final int BATCH = 500;
    private static final int BATCHES = Boolean.getBoolean("bench.quick") ? 40 : 400;
    private static final int SINGLES = 20 * BATCHES;

    record Question(String workload, Call call) {}

    record Mesh(int size, List<AuthorizationPolicy> policies, Map<String, PreparedMesh.Guarded> workloads, List<Question> questions) {
        boolean allows(Question question) {
            return workloads.get(question.workload()).allows(question.call());
        }
    }

    /// Nanoseconds by number of policies.
    record Figures(Map<Integer, Double> middles, Map<Integer, Double> tails) {
        double p50(int policies) {
            return middles.get(policies);
        }

        double p99(int policies) {
            return tails.get(policies);
        }
    }

    private DecisionBench() {}

    static Figures measure(List<Mesh> meshes, int rounds) {
        System.gc(); // what stands is moved together, as in a process that has run for a while
        Map<Integer, double[]> batches = new HashMap<>();
        Map<Integer, double[]> singles = new HashMap<>();
        for (int round = -3; round < rounds; round++) {
            for (Mesh mesh : meshes) {
                double[] some = batches(mesh);
                double[] alone = singles(mesh);
                if (round >= 0) {
                    System.arraycopy(some, 0, batches.computeIfAbsent(mesh.size(), size -> new double[rounds * BATCHES]), round * BATCHES, BATCHES);
                    System.arraycopy(alone, 0, singles.computeIfAbsent(mesh.size(), size -> new double[rounds * SINGLES]), round * SINGLES, SINGLES);
                }
            }
        }
        Map<Integer, Double> middles = new HashMap<>();
        Map<Integer, Double> tails = new HashMap<>();
        for (Mesh mesh : meshes) {
            double[] some = batches.get(mesh.size());
            double[] alone = singles.get(mesh.size());
            Arrays.sort(some);
            Arrays.sort(alone);
            middles.put(mesh.size(), some[some.length / 2]);
            tails.put(mesh.size(), alone[alone.length * 99 / 100]);
            System.out.printf("%d policies: p50 %.0f ns (middle batch; 99th of 100 batches %.0f ns), p99 %.0f ns of single decisions, 99.9th %.0f ns%n",
                    mesh.size(), some[some.length / 2], some[some.length * 99 / 100], alone[alone.length * 99 / 100], alone[(int) (alone.length * 0.999)]);
        }
        return new Figures(middles, tails);
    }

    /// The middle batch of one round.
    static double round(Mesh mesh) {
        double[] batches = batches(mesh);
        Arrays.sort(batches);
        return batches[batches.length / 2];
    }

    private static double[] batches(Mesh mesh) {
        double[] batches = new double[BATCHES];
        int allowed = 0;
        for (int b = 0; b < BATCHES; b++) {
            long start = System.nanoTime();
            for (int q = 0; q < BATCH; q++) {
                allowed += mesh.allows(mesh.questions().get((b * BATCH + q) % mesh.questions().size())) ? 1 : 0;
            }
            batches[b] = (System.nanoTime() - start) / (double) BATCH;
        }
        if (allowed == 0) {
            throw new IllegalStateException("nothing was allowed");
        }
        return batches;
    }

    private static double[] singles(Mesh mesh) {
        double[] singles = new double[SINGLES];
        int allowed = 0;
        for (int s = 0; s < SINGLES; s++) {
            Question question = mesh.questions().get(s % mesh.questions().size());
            long start = System.nanoTime();
            allowed += mesh.allows(question) ? 1 : 0;
            singles[s] = System.nanoTime() - start;
        }
        if (allowed == 0) {
            throw new IllegalStateException("nothing was allowed");
        }
        return singles;
    }

    static Mesh mesh(int size) {
        SplittableRandom random = new SplittableRandom(1);
        List<AuthorizationPolicy> policies = new ArrayList<>();
        Map<String, Workload> named = new HashMap<>();
        Map<String, Integer> firsts = new HashMap<>();
        for (int p = 0; p < size; p++) {
            String namespace = "ns-" + p / 100;
            String app = "app-" + p / 10 % 10;
            named.computeIfAbsent(namespace + "/" + app, name -> Workload.sidecar(namespace, Map.of("app", app)));
            firsts.putIfAbsent(namespace + "/" + app, p);
            policies.add(AuthorizationPolicy.allow(
                    ObjectMeta.of(namespace, "p" + p), new Target.Selector(Map.of("app", app)),
                    List.of(new Rule(
                            List.of(Source.principals(List.of(caller(p % 10)))),
                            List.of(Operation.of(OperationField.METHODS, Values.any("GET", "POST"))
                                    .and(OperationField.PATHS, Values.any("/api/v" + p % 3 + "/resource-" + p % 40 + "/*", "/health"))),
                            List.of()))));
        }
        PreparedMesh prepared = PreparedMesh.of(MeshSettings.DEFAULT, policies);
        Map<String, PreparedMesh.Guarded> workloads = new HashMap<>();
        named.forEach((name, workload) -> workloads.put(name, prepared.workload(workload)));
        Map<String, List<AuthorizationPolicy>> byNamespace =
                policies.stream().collect(Collectors.groupingBy(policy -> policy.metadata().namespace()));
        List<String> names = List.copyOf(named.keySet());
        List<Question> questions = new ArrayList<>();
        for (int q = 0; q < 2000; q++) {
            String name = names.get(random.nextInt(names.size()));
            int first = firsts.get(name) + random.nextInt(10);
            Call call = Call.http(
                    caller(random.nextBoolean() ? first % 10 : 10 + random.nextInt(10)),
                    random.nextInt(4) == 0 ? "DELETE" : "GET",
                    "/api/v" + first % 3 + "/resource-" + first % 40 + "/" + random.nextInt(1000),
                    "shop.example",
                    8080);
            questions.add(new Question(name, call));
            Workload workload = named.get(name);
            List<AuthorizationPolicy> near = byNamespace.get(workload.namespace());
            if (Authorizer.of(MeshSettings.DEFAULT, near, workload).allows(call) != workloads.get(name).allows(call)) {
                throw new IllegalStateException("the prepared mesh and the authorizer disagree about " + call);
            }
        }
        return new Mesh(size, policies, workloads, questions);
    }

    private static String caller(int number) {
        return "cluster.local/ns/callers/sa/service-" + number;
    }
}
