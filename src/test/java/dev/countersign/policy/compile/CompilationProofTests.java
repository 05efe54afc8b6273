package dev.countersign.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The guard before a revision: silent about what the compiler makes, and loud about planted faults that change
/// what is decided, which `Comparison` says exactly. Full volume: `-Dproof.worlds=100000`.
class CompilationProofTests {
    private static final int WORLDS = Integer.getInteger("proof.worlds", 400);

    /// A fault of a compiler: what it makes of a right policy; empty where it has nothing to spoil there.
    private interface Fault {
        Optional<AuthorizationPolicy> of(AuthorizationPolicy policy, Random random);
    }

    private static final Map<String, Fault> FAULTS = faults();

    @Test
    void whatTheCompilerMakesPasses() {
        Random random = new Random(8);
        int proven = 0;
        for (int world = 0; world < WORLDS; world++) {
            List<GrantedAccess> grants = Grants.random(random, 1 + random.nextInt(12));
            CompilationProof proof = CompilationProof.of(grants);
            for (CompiledPolicy policy : GrantCompiler.compile("acme", grants, Grants.WORKLOADS).policies().policies()) {
                assertThat(proof.refuse(policy)).as("%s", grants).isEmpty();
                proven++;
            }
        }
        assertThat(proven).isEqualTo(3 * WORLDS);
    }

    @Test
    void everyKindOfConditionPasses() {
        for (String key : List.of(
                "source.ip", "remote.ip", "destination.ip", "destination.port", "connection.sni", "source.namespace", "source.principal",
                "request.headers[x-a]", "request.headers[:method]", "request.auth.claims[a][b]", "request.auth.claims[scope]",
                "request.auth.principal", "request.auth.audiences", "request.auth.presenter", "experimental.envoy.filters.network.x[y]")) {
            String value = key.endsWith(".ip") ? "10.9.0.0/16" : key.equals("destination.port") ? "8443" : key.endsWith("[y]") ? "[v]"
                    : key.equals("source.principal") ? "*/sa/order-service" : key.equals("source.namespace") ? "production" : "a/b*";
            for (Values values : List.of(Values.any(value), Values.none(value))) {
                List<GrantedAccess> grants = List.of(
                        grant("1", GrantedOperation.of(List.of("GET"), List.of("/a/*")), new Condition(key, values)),
                        grant("2", GrantedOperation.of(List.of("POST"), List.of("/b/{*}/{**}"))));
                CompiledPolicy policy = GrantCompiler.compile("acme", grants, List.of()).policies().policies().getFirst();
                assertThat(CompilationProof.of(grants).refuse(policy)).as("%s %s", key, values).isEmpty();
                // Losing the condition is seen, so some call under it was decided.
                AuthorizationPolicy spoilt = allow(policy.policy(), policy.policy().target(), policy.policy().rules().stream()
                        .map(rule -> new Rule(rule.from(), rule.to(), List.of()))
                        .toList());
                assertThat(CompilationProof.of(grants).refuse(with(policy, spoilt)).isPresent()).as("%s %s", key, values)
                        .isEqualTo(changesADecision(policy, spoilt));
            }
        }
    }

    @Test
    void aPlantedFaultThatChangesADecisionIsRefused() {
        Map<String, int[]> counts = new TreeMap<>();
        Random random = new Random(77);
        for (int world = 0; world < WORLDS; world++) {
            List<GrantedAccess> grants = Grants.random(random, 5);
            CompilationProof proof = CompilationProof.of(grants);
            for (CompiledPolicy right : GrantCompiler.compile("acme", grants, Grants.WORKLOADS).policies().policies()) {
                FAULTS.forEach((name, fault) -> fault.of(right.policy(), random).ifPresent(spoilt -> {
                    int[] count = counts.computeIfAbsent(name, key -> new int[2]);
                    if (changesADecision(right, spoilt)) {
                        count[0]++;
                        count[1] += proof.refuse(with(right, spoilt)).isPresent() ? 1 : 0;
                    }
                }));
            }
        }
        assertThat(counts.keySet()).isEqualTo(FAULTS.keySet());
        String seen = counts.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()[1] + "/" + e.getValue()[0]).toList().toString();
        // What is left differs in three dimensions at once, each of the nearer calls being another grant's.
        assertThat(counts.values()).as(seen).allSatisfy(count -> assertThat(count[1]).isPositive().isGreaterThanOrEqualTo(count[0] * 97 / 100));
        assertThat(counts.values().stream().mapToInt(count -> count[1]).sum()).as(seen)
                .isGreaterThanOrEqualTo(counts.values().stream().mapToInt(count -> count[0]).sum() * 995 / 1000);
    }

    @Test
    void theRefusalNamesTheCall() {
        List<GrantedAccess> grants = List.of(grant("1", GrantedOperation.of(List.of("GET"), List.of("/a/*"))));
        CompiledPolicy right = GrantCompiler.compile("acme", grants, List.of()).policies().policies().getFirst();
        AuthorizationPolicy spoilt = FAULTS.get("a method is forgotten").of(right.policy(), new Random(1)).orElseThrow();

        assertThat(CompilationProof.of(grants).refuse(with(right, spoilt)).orElseThrow().message())
                .isEqualTo("production/payment-service keeps its present policy, because the new one would not be what was granted: it would let through"
                        + " a call that nobody granted: DELETE /a/x on host shop.example, port 8080, from cluster.local/ns/production/sa/order-service, source"
                        + " 10.0.0.1. Nothing was delivered. This is a fault in Countersign: report it with this sentence.");
    }

    @Test
    void anOpenDoorInPlaceOfTheBaselineIsRefused() {
        CompiledPolicy closed = GrantCompiler.compile("acme", List.of(), Grants.WORKLOADS).policies().policies().getFirst();
        assertThat(CompilationProof.of(List.of()).refuse(closed)).isEmpty();
        AuthorizationPolicy open = AuthorizationPolicy.allow(closed.policy().metadata(), closed.policy().target(), List.of(Rule.ANY));
        assertThat(CompilationProof.of(List.of()).refuse(new CompiledPolicy(closed.target(), open, closed.digest(), List.of(List.of())))).isPresent();
    }

    @Test
    void manyGrantsStayBounded() {
        List<GrantedAccess> grants = new ArrayList<>();
        for (int g = 0; g < 3000; g++) {
            grants.add(grant(String.valueOf(g), GrantedOperation.of(List.of("GET"), List.of("/a/" + g % 50))));
        }
        assertThat(NeighbouringCalls.of(grants, List.of())).hasSize(NeighbouringCalls.LIMIT);
        CompiledPolicy policy = GrantCompiler.compile("acme", grants, List.of()).policies().policies().getFirst();
        assertThat(CompilationProof.of(grants).refuse(policy)).isEmpty();
    }

    private static GrantedAccess grant(String id, GrantedOperation operation, Condition... conditions) {
        return new GrantedAccess(
                id, 1, Set.of(Caller.identity("cluster.local", "production", "order-service")), Grants.WORKLOADS.getFirst(), List.of(operation),
                List.of(conditions));
    }

    private static boolean changesADecision(CompiledPolicy right, AuthorizationPolicy spoilt) {
        List<Workload> workloads = new ArrayList<>();
        workloads.add(Workload.sidecar(right.target().namespace(), right.target().selector()));
        workloads.add(Workload.sidecar(right.target().namespace(), Map.of()));
        return workloads.stream()
                .anyMatch(workload -> Comparison.of(MeshSettings.DEFAULT, workload, List.of(right.policy()), List.of(spoilt), Known.NOTHING).verdict()
                        != Comparison.Verdict.EQUIVALENT);
    }

    private static CompiledPolicy with(CompiledPolicy right, AuthorizationPolicy spoilt) {
        return new CompiledPolicy(right.target(), spoilt, right.digest(), Collections.nCopies(spoilt.rules().size(), List.of()));
    }

    private static Map<String, Fault> faults() {
        Map<String, Fault> faults = new TreeMap<>();
        faults.put("a rule is lost", rules((rules, at) -> rules.remove(at)));
        faults.put("callers are forgotten", rule(rule -> new Rule(List.of(), rule.to(), rule.when())));
        faults.put("operations are forgotten", rule(rule -> new Rule(rule.from(), List.of(), rule.when())));
        faults.put("a condition is lost", rule(rule -> new Rule(rule.from(), rule.to(), rule.when().isEmpty() ? List.of() : rule.when().subList(1, rule.when().size()))));
        faults.put("one caller too many", principals(all -> all.add("cluster.local/ns/production/sa/other")));
        faults.put("a caller is lost", principals(all -> all.remove(all.iterator().next())));
        faults.put("a caller becomes a prefix", principals(all -> {
            String one = all.iterator().next();
            all.remove(one);
            all.add(one.endsWith("*") ? one : one + "*");
        }));
        faults.put("a namespace in every trust domain", rule(rule -> new Rule(List.of(Source.of(SourceField.NAMESPACES, Values.any("production", "staging"))), rule.to(), rule.when())));
        faults.put("a method is forgotten", operation(OperationField.METHODS, values -> List.of()));
        faults.put("a method too many", operation(OperationField.METHODS, values -> plus(values, "DELETE")));
        faults.put("a path is lost", operation(OperationField.PATHS, values -> values.subList(1, values.size())));
        faults.put("a path loses its slash", operation(OperationField.PATHS, values -> values.stream().map(path -> path.replace("/*", "*")).toList()));
        faults.put("a path becomes a prefix", operation(OperationField.PATHS, values -> values.stream().map(path -> path.matches(".*[*}].*") ? path : path + "*").toList()));
        faults.put("a port is forgotten", operation(OperationField.PORTS, values -> List.of()));
        faults.put("another port", operation(OperationField.PORTS, values -> plus(values, "8081")));
        faults.put("hosts are forgotten", operation(OperationField.HOSTS, values -> List.of()));
        faults.put("two rules share their callers", (policy, random) -> {
            if (policy.rules().size() < 2) {
                return Optional.empty();
            }
            LinkedHashSet<Source> callers = new LinkedHashSet<>(policy.rules().get(0).from());
            callers.addAll(policy.rules().get(1).from());
            List<Rule> rules = new ArrayList<>(policy.rules());
            rules.replaceAll(rule -> rules.indexOf(rule) < 2 ? new Rule(List.copyOf(callers), rule.to(), rule.when()) : rule);
            return Optional.of(allow(policy, policy.target(), rules));
        });
        faults.put("the rules deny", (policy, random) -> Optional.of(new AuthorizationPolicy(
                policy.metadata(), policy.target(), Action.DENY, Optional.empty(), policy.rules())));
        faults.put("the whole namespace is bound", (policy, random) -> Optional.of(allow(policy, Target.EVERYTHING, policy.rules())));
        return faults;
    }

    private static List<String> plus(List<String> values, String more) {
        LinkedHashSet<String> all = new LinkedHashSet<>(values);
        all.add(more);
        return List.copyOf(all);
    }

    private static AuthorizationPolicy allow(AuthorizationPolicy policy, Target target, List<Rule> rules) {
        return AuthorizationPolicy.allow(policy.metadata(), target, rules);
    }

    private static Fault rules(java.util.function.ObjIntConsumer<List<Rule>> change) {
        return (policy, random) -> {
            if (policy.rules().isEmpty()) {
                return Optional.empty();
            }
            List<Rule> rules = new ArrayList<>(policy.rules());
            change.accept(rules, random.nextInt(rules.size()));
            return Optional.of(allow(policy, policy.target(), rules));
        };
    }

    private static Fault rule(java.util.function.UnaryOperator<Rule> change) {
        return rules((rules, at) -> rules.set(at, change.apply(rules.get(at))));
    }

    private static Fault principals(java.util.function.Consumer<Set<String>> change) {
        return rule(rule -> {
            Set<String> all = new LinkedHashSet<>(rule.from().getFirst().get(SourceField.PRINCIPALS).any());
            change.accept(all);
            return all.isEmpty() ? rule : new Rule(List.of(Source.principals(List.copyOf(all))), rule.to(), rule.when());
        });
    }

    private static Fault operation(OperationField field, java.util.function.UnaryOperator<List<String>> change) {
        return rule(rule -> new Rule(rule.from(), rule.to().stream().map(operation -> {
            List<String> values = operation.get(field).any();
            if (values.isEmpty()) {
                return operation;
            }
            Map<OperationField, Values> fields = new HashMap<>(operation.fields());
            fields.put(field, Values.any(change.apply(values)));
            return fields.values().stream().allMatch(Values::isEmpty) ? operation : new Operation(fields);
        }).toList(), rule.when()));
    }
}
