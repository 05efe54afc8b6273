package dev.countersign.bench;

import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.AuthorizationSuccessResponse;
import com.cedarpolicy.model.entity.Entities;
import com.cedarpolicy.model.policy.Policy;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.PrimString;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.casbin.jcasbin.main.Enforcer;
import org.casbin.jcasbin.model.Model;

/// P1 beside its peers, in one virtual machine, with the policies and calls of `DecisionBench`: jCasbin at 100,000
/// policies and Cedar at 10,000. Each peer holds every policy of the mesh, as we do, and is asked about the same calls; all
/// three must agree on each. They take turns, five rounds; the peers get few calls a round, for one takes them long.
///
/// - jCasbin: one row for each policy, its two methods and two paths in columns, `keyMatch` for paths. It scans all rows.
/// - Cedar: a `permit` for each rule, principal and resource in its head, methods and paths in its condition. Parsed once and
///   cached in the engine, as it recommends for repeated questions.
///
/// Last line, P1: `P1 p50@10k/p99@10k/p50@100k jCasbin-ratio/Cedar-ratio verdict`; P2: `P2 - p50(100k)/p50(100) verdict`.
public final class DecisionPeersBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int ROUNDS = QUICK ? 2 : 5;
    private static final int CASBIN_CALLS = QUICK ? 2 : 8;
    private static final int CEDAR_CALLS = QUICK ? 5 : 40;

    /// A peer that says whether it lets the call to the workload pass.
    private interface Peer {
        boolean allows(String workload, Call call) throws Exception;
    }

    private DecisionPeersBench() {}

    public static void main(String[] arguments) throws Exception {
        boolean flatnessOnly = arguments.length > 0 && arguments[0].equals("P2");
        DecisionBench.Mesh small = DecisionBench.mesh(100);
        DecisionBench.Mesh middle = DecisionBench.mesh(10_000);
        DecisionBench.Mesh large = DecisionBench.mesh(100_000);
        DecisionBench.Figures ours = DecisionBench.measure(List.of(small, middle, large), ROUNDS);
        double flatness = ours.p50(100_000) / ours.p50(100);
        if (flatnessOnly) {
            System.out.printf("P2 - %.2f %s%n", flatness, flatness <= 1.5 ? "met" : "missed");
            return;
        }
        double[] cedar = beside("Cedar", middle, cedar(middle.policies()), CEDAR_CALLS);
        double[] casbin = beside("jCasbin", large, casbin(large.policies()), CASBIN_CALLS);
        double p50 = ours.p50(10_000);
        double p99 = ours.p99(10_000);
        System.out.printf("P2 - %.2f %s%n", flatness, flatness <= 1.5 ? "met" : "missed");
        boolean absolute = p50 <= 200 && p99 <= 1000 && ours.p50(100_000) <= 300;
        double casbinRatio = casbin[casbin.length / 2];
        double cedarRatio = cedar[cedar.length / 2];
        System.out.printf("P1 %.0fns/%.0fns/%.0fns %.0f/%.0f %s%n", p50, p99, ours.p50(100_000), casbinRatio, cedarRatio,
                absolute && casbinRatio >= 50_000 && cedarRatio >= 5_000 ? "met"
                        : p50 <= 1000 && casbinRatio >= 10_000 && cedarRatio >= 500 ? "gate" : "missed");
    }

    /// The ratios of the rounds, sorted.
    private static double[] beside(String name, DecisionBench.Mesh mesh, Peer peer, int calls) throws Exception {
        List<DecisionBench.Question> questions = mesh.questions();
        peer.allows(questions.getFirst().workload(), questions.getFirst().call());
        double[] ratios = new double[ROUNDS];
        int asked = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double ours = DecisionBench.round(mesh);
            long start = System.nanoTime();
            boolean[] answers = new boolean[calls];
            for (int c = 0; c < calls; c++) {
                DecisionBench.Question question = questions.get((asked + c) % questions.size());
                answers[c] = peer.allows(question.workload(), question.call());
            }
            double theirs = (System.nanoTime() - start) / (double) calls;
            for (int c = 0; c < calls; c++) {
                DecisionBench.Question question = questions.get((asked + c) % questions.size());
                if (answers[c] != mesh.allows(question)) {
                    throw new IllegalStateException(name + " and we disagree about " + question);
                }
            }
            asked += calls;
            ratios[round] = theirs / ours;
            System.out.printf("%s at %d policies: %.0f us a decision, ours %.0f ns, ratio %.0f%n", name, mesh.size(), theirs / 1e3, ours, ratios[round]);
        }
        Arrays.sort(ratios);
        System.out.printf("%s: median ratio %.0f, from %.0f to %.0f; all %d answers agree%n", name, ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1], asked);
        return ratios;
    }

    private static Peer casbin(List<AuthorizationPolicy> policies) {
        Model model = new Model();
        model.loadModelFromText("""
                [request_definition]
                r = sub, obj, act, path
                [policy_definition]
                p = sub, obj, act1, act2, path1, path2
                [policy_effect]
                e = some(where (p.eft == allow))
                [matchers]
                m = r.sub == p.sub && r.obj == p.obj && (r.act == p.act1 || r.act == p.act2) && (keyMatch(r.path, p.path1) || keyMatch(r.path, p.path2))
                """);
        Enforcer enforcer = new Enforcer(model);
        enforcer.enableAutoSave(false);
        enforcer.enableLog(false);
        List<List<String>> rows = new ArrayList<>();
        for (AuthorizationPolicy policy : policies) {
            Operation operation = policy.rules().getFirst().to().getFirst();
            List<String> row = new ArrayList<>(policy.rules().getFirst().from().getFirst().get(SourceField.PRINCIPALS).any());
            row.add(workload(policy));
            row.addAll(operation.get(OperationField.METHODS).any());
            row.addAll(operation.get(OperationField.PATHS).any());
            rows.add(row);
        }
        if (!enforcer.addPolicies(rows)) {
            throw new IllegalStateException("jCasbin did not take the policies");
        }
        return (workload, call) -> {
            Call.Http http = call.http().orElseThrow();
            return enforcer.enforce(call.principal().orElseThrow(), workload, http.method(), http.path());
        };
    }

    private static Peer cedar(List<AuthorizationPolicy> policies) throws Exception {
        PolicySet set = new PolicySet(cedarPolicies(policies));
        set.cache();
        BasicAuthorizationEngine engine = new BasicAuthorizationEngine();
        EntityTypeName identity = EntityTypeName.parse("Identity").orElseThrow();
        EntityTypeName workloads = EntityTypeName.parse("Workload").orElseThrow();
        EntityUID call = new EntityUID(EntityTypeName.parse("Action").orElseThrow(), "call");
        Entities none = new Entities();
        return (workload, asked) -> {
            Call.Http http = asked.http().orElseThrow();
            AuthorizationRequest request = new AuthorizationRequest(
                    new EntityUID(identity, asked.principal().orElseThrow()), call, new EntityUID(workloads, workload),
                    Map.of("method", new PrimString(http.method()), "path", new PrimString(http.path())));
            return engine.isAuthorized(request, set, none).success.orElseThrow().getDecision() == AuthorizationSuccessResponse.Decision.Allow;
        };
    }

    static Set<Policy> cedarPolicies(List<AuthorizationPolicy> policies) {
        Set<Policy> permits = new LinkedHashSet<>();
        for (AuthorizationPolicy policy : policies) {
            for (int r = 0; r < policy.rules().size(); r++) {
                permits.add(new Policy(cedarText(policy, r), policy.metadata().key() + "#" + r));
            }
        }
        return permits;
    }

    static String cedarText(AuthorizationPolicy policy, int index) {
        Operation operation = policy.rules().get(index).to().getFirst();
        String methods = String.join(", ", operation.get(OperationField.METHODS).any().stream().map(method -> '"' + method + '"').toList());
        String paths = String.join(" || ", operation.get(OperationField.PATHS).any().stream().map(path -> "context.path like \"" + path + '"').toList());
        return "permit (principal == Identity::\"" + policy.rules().get(index).from().getFirst().get(SourceField.PRINCIPALS).any().getFirst()
                + "\", action == Action::\"call\", resource == Workload::\"" + workload(policy) + "\") when { [" + methods
                + "].contains(context.method) && (" + paths + ") };";
    }

    private static String workload(AuthorizationPolicy policy) {
        return policy.metadata().namespace() + "/" + ((Target.Selector) policy.target()).matchLabels().get("app");
    }
}
