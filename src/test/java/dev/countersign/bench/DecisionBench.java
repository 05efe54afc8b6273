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

/// P1 and P2: one decision among 100, 10,000 and 100,000 policies. A workload has ten ALLOW policies of one rule (one
/// caller, two methods, two paths); a call is to a random workload, found by its name, half by a caller who is
/// named there. Operations recur (120 different ones). Times are of batches of 500 decisions, alternating between the sizes in five rounds, for a clock is too coarse for
/// one. Every size is first checked against the `Authorizer` on 2,000 calls.
///
/// Last line: `P1 p50 of a batch at 10k p50(100k)/p50(100) verdict`; the ratio is P2. Peers are not part of this run.
public final class DecisionBench {
    private static final int BATCH = 500;
    private static final int BATCHES = 400;

    private record Question(String workload, Call call) {}

    private record Mesh(int size, Map<String, PreparedMesh.Guarded> workloads, List<Question> questions) {}

    private DecisionBench() {}

    public static void main(String[] arguments) {
        List<Mesh> meshes = List.of(mesh(100), mesh(10_000), mesh(100_000));
        Map<Integer, double[]> times = new HashMap<>();
        int allowed = 0;
        for (int round = 0; round < 6; round++) {
            for (Mesh mesh : meshes) {
                double[] batches = times.computeIfAbsent(mesh.size(), size -> new double[5 * BATCHES]);
                for (int b = 0; b < BATCHES; b++) {
                    long start = System.nanoTime();
                    for (int q = 0; q < BATCH; q++) {
                        Question question = mesh.questions().get((b * BATCH + q) % mesh.questions().size());
                        allowed += mesh.workloads().get(question.workload()).allows(question.call()) ? 1 : 0;
                    }
                    double nanos = (System.nanoTime() - start) / (double) BATCH;
                    if (round > 0) {
                        batches[(round - 1) * BATCHES + b] = nanos;
                    }
                }
            }
        }
        Map<Integer, Double> middle = new HashMap<>();
        for (Mesh mesh : meshes) {
            double[] batches = times.get(mesh.size());
            Arrays.sort(batches);
            middle.put(mesh.size(), batches[batches.length / 2]);
            System.out.printf("%d policies: %.0f ns a decision (middle batch), %.0f ns (99th of 100 batches)%n",
                    mesh.size(), batches[batches.length / 2], batches[batches.length * 99 / 100]);
        }
        double ratio = middle.get(100_000) / middle.get(100);
        System.out.printf("(%d allowed)%nP1 %.0fns %.2f %s%n", allowed, middle.get(10_000), ratio,
                middle.get(10_000) <= 200 && ratio <= 1.5 ? "met" : "missed");
    }

    private static Mesh mesh(int size) {
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
            List<AuthorizationPolicy> near = policies.stream()
                    .filter(policy -> near(policy, workload))
                    .toList();
            if (Authorizer.of(MeshSettings.DEFAULT, near, workload).allows(call) != workloads.get(name).allows(call)) {
                throw new IllegalStateException("the prepared mesh and the authorizer disagree about " + call);
            }
        }
        return new Mesh(size, workloads, questions);
    }

    private static boolean near(AuthorizationPolicy policy, Workload workload) {
        return policy.metadata().namespace().equals(workload.namespace());
    }

    private static String caller(int number) {
        return "cluster.local/ns/callers/sa/service-" + number;
    }
}
