package dev.countersign.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Comparison.Verdict;
import dev.countersign.policy.reason.Known;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A call is let through exactly when some grant gives it. The grants are read here by hand, not by the engine.
class CompiledGrantsDecideAsGrantedTests {
    private static final List<Optional<String>> PRINCIPALS = List.of(
            Optional.empty(),
            Optional.of("cluster.local/ns/production/sa/order-service"),
            Optional.of("cluster.local/ns/production/sa/billing-service"),
            Optional.of("cluster.local/ns/staging/sa/order-service"),
            Optional.of("cluster.local/ns/staging/sa/frontend"),
            Optional.of("elsewhere.example/ns/staging/sa/frontend"));
    private static final List<String> METHODS = List.of("GET", "POST", "DELETE");
    private static final List<String> PATHS =
            List.of("/a/", "/a", "/a/b", "/a/b?q=1", "/c", "/a/x/c", "/a/x/y/c", "/x.json", "/x.json?a.b");
    private static final List<String> HOSTS = List.of("shop.example", "eu.shop.example", "other.example");

    @Test
    void aCallPassesExactlyWhenItIsGranted() {
        Random random = new Random(31);
        int passed = 0;
        int stopped = 0;
        for (int world = 0; world < 800; world++) {
            List<GrantedAccess> grants = Grants.random(random, 5);
            List<AuthorizationPolicy> policies =
                    GrantCompiler.compile("acme", grants, Grants.WORKLOADS).policies().objects();
            for (TargetWorkload target : Grants.WORKLOADS) {
                Authorizer authorizer = Authorizer.of(
                        MeshSettings.DEFAULT, policies, Workload.sidecar(target.namespace(), target.selector()));
                for (int c = 0; c < 40; c++) {
                    Call call = call(random);
                    boolean granted = grants.stream().anyMatch(grant -> grant.target().equals(target) && gives(grant, call));
                    assertThat(authorizer.allows(call)).as("%s%n%s", grants, call).isEqualTo(granted);
                    passed += granted ? 1 : 0;
                    stopped += granted ? 0 : 1;
                }
            }
        }
        assertThat(passed).isGreaterThan(2000);
        assertThat(stopped).isGreaterThan(2000);
    }

    @Test
    void endingOneGrantTakesAwayItsCallsOnly() {
        Random random = new Random(5);
        for (int world = 0; world < 300; world++) {
            List<GrantedAccess> grants = new ArrayList<>(Grants.random(random, 4));
            GrantedAccess ended = grants.getFirst();
            List<AuthorizationPolicy> before = GrantCompiler.compile("acme", grants, List.of()).policies().objects();
            grants.removeFirst();
            List<AuthorizationPolicy> after =
                    GrantCompiler.compile("acme", grants, Set.of(ended.target())).policies().objects();
            for (TargetWorkload target : Grants.WORKLOADS) {
                Comparison comparison = Comparison.of(
                        MeshSettings.DEFAULT, Workload.sidecar(target.namespace(), target.selector()), before, after,
                        Known.NOTHING);
                assertThat(comparison.newlyAllowed()).isEmpty();
                assertThat(comparison.newlyCut()).allSatisfy(cut -> {
                    assertThat(target).isEqualTo(ended.target());
                    assertThat(gives(ended, cut.witness())).isTrue();
                });
            }
        }
    }

    @Test
    void theGuidesExampleIsEquivalentToTheGuidesPolicy() {
        TargetWorkload payments = new TargetWorkload("production", "payment-service", Map.of("app", "payment-service"));
        GrantedOperation operation = GrantedOperation.of(List.of("GET", "POST"), List.of("/api/v1/refunds/*", "/api/v1/payments/*"));
        List<AuthorizationPolicy> ours = GrantCompiler.compile(
                        "acme",
                        List.of(
                                grant("1", Caller.identity("cluster.local", "production", "order-service"), payments, operation),
                                grant("2", Caller.identity("cluster.local", "production", "billing-service"), payments, operation)),
                        List.of())
                .policies()
                .objects();
        AuthorizationPolicy guides = AuthorizationPolicy.allow(
                ObjectMeta.of("production", "payment-service-policy"),
                new Target.Selector(Map.of("app", "payment-service")),
                List.of(new Rule(
                        List.of(Source.principals(List.of(
                                "cluster.local/ns/production/sa/order-service",
                                "cluster.local/ns/production/sa/billing-service"))),
                        List.of(Operation.of(OperationField.METHODS, Values.any("POST", "GET"))
                                .and(OperationField.PATHS, Values.any("/api/v1/payments/*", "/api/v1/refunds/*"))),
                        List.of())));

        Comparison comparison = Comparison.of(
                MeshSettings.DEFAULT,
                Workload.sidecar("production", Map.of("app", "payment-service", "version", "v1")),
                List.of(guides),
                ours,
                Known.NOTHING);
        assertThat(comparison.verdict()).isEqualTo(Verdict.EQUIVALENT);
        assertThat(comparison.proven()).isTrue();
    }

    private static GrantedAccess grant(String id, Caller caller, TargetWorkload target, GrantedOperation operation) {
        return new GrantedAccess(id, 1, Set.of(caller), target, List.of(operation), List.of());
    }

    private static boolean gives(GrantedAccess grant, Call call) {
        return call.principal().isPresent()
                && grant.callers().stream().anyMatch(caller -> is(caller, call.principal().get()))
                && (grant.operations().isEmpty() || grant.operations().stream().anyMatch(operation -> in(operation, call)))
                && grant.conditions().stream().allMatch(condition -> holds(condition, call));
    }

    private static boolean is(Caller caller, String principal) {
        return switch (caller) {
            case Caller.Identity(var spiffe) -> principal.equals(spiffe.principal());
            case Caller.WholeNamespace(var domain, var namespace) -> principal.startsWith(domain + "/ns/" + namespace + "/sa/");
            case Caller.AnyIdentity() -> true;
        };
    }

    private static boolean in(GrantedOperation operation, Call call) {
        if (!operation.ports().isEmpty() && !operation.ports().contains(call.destinationPort())) {
            return false;
        }
        if (operation.methods().isEmpty() && operation.paths().isEmpty() && operation.hosts().isEmpty()) {
            return true;
        }
        return call.http().isPresent()
                && (operation.methods().isEmpty() || operation.methods().contains(call.http().get().method()))
                && (operation.paths().isEmpty() || operation.paths().stream().anyMatch(path -> path(path, call)))
                && (operation.hosts().isEmpty() || operation.hosts().stream().anyMatch(host -> host(host, call)));
    }

    private static boolean path(String pattern, Call call) {
        String path = call.http().orElseThrow().path().replaceAll("\\?.*", "");
        return switch (pattern) {
            case "/a/*" -> path.startsWith("/a/");
            case "/a/{*}/c" -> path.matches("/a/[^/]+/c");
            case "*.json" -> path.endsWith(".json");
            default -> path.equals(pattern);
        };
    }

    private static boolean host(String pattern, Call call) {
        String host = call.http().orElseThrow().host();
        return pattern.startsWith("*") ? host.endsWith(pattern.substring(1)) : host.equals(pattern);
    }

    private static boolean holds(Condition condition, Call call) {
        String channel = call.http().map(http -> String.join(",", http.headers().getOrDefault("x-channel", List.of()))).orElse("");
        return switch (condition.key()) {
            case "source.ip" -> !call.sourceIp().startsWith("10.9.");
            case "request.headers[x-channel]" -> call.http().isPresent()
                    && (condition.values().any().isEmpty() ? !channel.equals("web") : List.of("web", "app").contains(channel));
            case "request.auth.claims[group]" -> call.http().flatMap(Call.Http::claims)
                    .filter(claims -> "staff".equals(claims.get("group")))
                    .isPresent();
            default -> throw new IllegalStateException(condition.key());
        };
    }

    private static Call call(Random random) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (random.nextBoolean()) {
            headers.put("x-channel", List.of(one(random, List.of("web", "app", "other"))));
        }
        Optional<Map<String, Object>> claims =
                random.nextBoolean() ? Optional.of(Map.of("group", one(random, List.of("staff", "guests")))) : Optional.empty();
        return new Call(
                one(random, PRINCIPALS), one(random, List.of("10.1.2.3", "10.9.2.3")), "10.1.2.3", "10.0.0.2",
                one(random, List.of(8080, 9090, 7070)), Optional.empty(),
                random.nextInt(6) == 0
                        ? Optional.empty()
                        : Optional.of(new Call.Http(
                                one(random, METHODS), one(random, PATHS), one(random, HOSTS), headers, claims)),
                Map.of(), Map.of());
    }

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
