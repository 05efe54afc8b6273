package dev.countersign.policy.compile;

import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Random grants of a small world, in which callers, operations and conditions often coincide.
final class Grants {
    static final List<TargetWorkload> WORKLOADS = List.of(
            new TargetWorkload("production", "payment-service", Map.of("app", "payment-service")),
            new TargetWorkload("production", "user-profile", Map.of("app", "user-profile")),
            new TargetWorkload("staging", "payment-service", Map.of("app", "payment-service", "tier", "test")));
    static final List<Caller> CALLERS = List.of(
            Caller.identity("cluster.local", "production", "order-service"),
            Caller.identity("cluster.local", "production", "billing-service"),
            Caller.identity("cluster.local", "staging", "order-service"),
            new Caller.WholeNamespace("cluster.local", "staging"),
            new Caller.AnyIdentity());
    private static final List<List<String>> METHODS = List.of(List.of(), List.of("GET"), List.of("POST", "GET"));
    private static final List<List<String>> PATHS =
            List.of(List.of(), List.of("/a/*"), List.of("/a/b", "/c"), List.of("/a/{*}/c"), List.of("*.json"));
    private static final List<List<Integer>> PORTS = List.of(List.of(), List.of(8080), List.of(9090, 8080));
    private static final List<List<String>> HOSTS = List.of(List.of(), List.of("shop.example"), List.of("*.shop.example"));
    private static final List<List<Condition>> CONDITIONS = List.of(
            List.of(),
            List.of(new Condition("request.headers[x-channel]", Values.any("web", "app"))),
            List.of(new Condition("source.ip", Values.none("10.9.0.0/16"))),
            List.of(
                    new Condition("request.auth.claims[group]", Values.any("staff")),
                    new Condition("request.headers[x-channel]", Values.none("web"))));

    private Grants() {}

    static List<GrantedAccess> random(Random random, int atMost) {
        List<GrantedAccess> grants = new ArrayList<>();
        int size = 1 + random.nextInt(atMost);
        for (int i = 0; i < size; i++) {
            Set<Caller> callers = new HashSet<>();
            callers.add(one(random, CALLERS.subList(0, random.nextInt(4) == 0 ? 5 : 3)));
            if (random.nextBoolean()) {
                callers.add(one(random, CALLERS));
            }
            List<GrantedOperation> operations = new ArrayList<>();
            int count = random.nextInt(3);
            for (int j = 0; j < count; j++) {
                operations.add(new GrantedOperation(
                        one(random, METHODS),
                        one(random, PATHS),
                        random.nextInt(3) == 0 ? one(random, PORTS) : List.of(),
                        random.nextInt(4) == 0 ? one(random, HOSTS) : List.of()));
            }
            grants.add(new GrantedAccess(
                    "g" + i, 100 + i, callers, one(random, WORKLOADS), operations,
                    random.nextInt(3) == 0 ? one(random, CONDITIONS) : List.of()));
        }
        return grants;
    }

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
