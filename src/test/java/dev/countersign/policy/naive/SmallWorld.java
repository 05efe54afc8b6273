package dev.countersign.policy.naive;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A world so small that all of its policies can be listed: three identities, three methods, three paths. A rule asks for
/// any or one of each (or for any identity but the first); a policy allows or denies with at most two rules; a set has at
/// most two policies. Its calls are one of every kind that such policies can tell apart: each symbol and one that no
/// policy names, no identity, and TCP.
final class SmallWorld {
    static final MeshSettings MESH = MeshSettings.DEFAULT;
    static final Workload WORKLOAD = Workload.sidecar("a", Map.of());
    static final List<String> IDENTITIES =
            List.of("cluster.local/ns/a/sa/x", "cluster.local/ns/a/sa/y", "cluster.local/ns/b/sa/z");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT");
    private static final List<String> PATHS = List.of("/a", "/b", "/c");

    private final List<Call> calls = calls();
    private final List<Rule> rules = rules();
    private final List<Listed> firsts = policies("p");
    private final List<Listed> seconds = policies("q");

    /// One policy, and the calls that it decides: those it allows, or those it denies.
    record Listed(AuthorizationPolicy policy, BitSet decides) {}

    /// One set of policies, and the calls that reach the workload under it.
    record PolicySet(List<AuthorizationPolicy> policies, BitSet allowed) {}

    private static List<Call> calls() {
        List<Optional<String>> principals = new ArrayList<>();
        IDENTITIES.forEach(one -> principals.add(Optional.of(one)));
        principals.add(Optional.of("cluster.local/ns/c/sa/other"));
        principals.add(Optional.empty());
        List<Call> calls = new ArrayList<>();
        for (Optional<String> principal : principals) {
            for (String method : more(METHODS, "PATCH")) {
                for (String path : more(PATHS, "/other")) {
                    calls.add(call(principal, Optional.of(
                            new Call.Http(method, path, "shop.example", Map.of(), Optional.empty()))));
                }
            }
            calls.add(call(principal, Optional.empty()));
        }
        return calls;
    }

    private static Call call(Optional<String> principal, Optional<Call.Http> http) {
        return new Call(
                principal, "10.0.0.1", "10.0.0.1", "10.0.0.2", 8080, Optional.empty(), http, Map.of(), Map.of());
    }

    private static List<String> more(List<String> some, String another) {
        List<String> all = new ArrayList<>(some);
        all.add(another);
        return all;
    }

    private static List<Rule> rules() {
        List<List<Source>> from = new ArrayList<>(List.of(List.of()));
        IDENTITIES.forEach(one -> from.add(List.of(Source.principals(List.of(one)))));
        from.add(List.of(Source.of(SourceField.PRINCIPALS, Values.none(IDENTITIES.getFirst()))));
        List<Rule> rules = new ArrayList<>();
        for (List<Source> sources : from) {
            for (String method : more(METHODS, "")) {
                for (String path : more(PATHS, "")) {
                    rules.add(new Rule(sources, operation(method, path), List.of()));
                }
            }
        }
        return rules;
    }

    /// The empty text asks for nothing.
    private static List<Operation> operation(String method, String path) {
        Map<OperationField, Values> fields = new EnumMap<>(OperationField.class);
        if (!method.isEmpty()) {
            fields.put(OperationField.METHODS, Values.any(method));
        }
        if (!path.isEmpty()) {
            fields.put(OperationField.PATHS, Values.any(path));
        }
        return fields.isEmpty() ? List.of() : List.of(new Operation(fields));
    }

    private List<Listed> policies(String name) {
        List<Listed> policies = new ArrayList<>();
        policies.add(listed(name, Action.ALLOW, List.of()));
        for (Action action : List.of(Action.ALLOW, Action.DENY)) {
            for (int i = 0; i < rules.size(); i++) {
                policies.add(listed(name, action, List.of(rules.get(i))));
                for (int j = i + 1; j < rules.size(); j++) {
                    policies.add(listed(name, action, List.of(rules.get(i), rules.get(j))));
                }
            }
        }
        return policies;
    }

    private Listed listed(String name, Action action, List<Rule> rules) {
        AuthorizationPolicy policy = new AuthorizationPolicy(
                ObjectMeta.of("a", name), Target.EVERYTHING, action, Optional.empty(), rules);
        BitSet allowed = allowed(List.of(policy));
        if (action == Action.DENY) {
            allowed.flip(0, calls.size());
        }
        return new Listed(policy, allowed);
    }

    /// Asks the naive interpreter about every call.
    BitSet allowed(List<AuthorizationPolicy> policies) {
        NaiveInterpreter naive = new NaiveInterpreter(MESH, policies, WORKLOAD);
        return calls(call -> naive.decide(call).decision() == Decision.ALLOW);
    }

    BitSet calls(Predicate<Call> which) {
        BitSet found = new BitSet(calls.size());
        for (int i = 0; i < calls.size(); i++) {
            found.set(i, which.test(calls.get(i)));
        }
        return found;
    }

    /// How many sets of policies there are.
    long size() {
        long policies = firsts.size();
        return 1 + policies + policies * (policies + 1) / 2;
    }

    /// The set of that number: none, then one policy, then two.
    PolicySet set(long number) {
        int policies = firsts.size();
        if (number == 0) {
            return set(List.of());
        }
        if (number <= policies) {
            return set(List.of(firsts.get((int) number - 1)));
        }
        long pair = number - 1 - policies;
        int second = (int) ((Math.sqrt(8.0 * pair + 1) - 1) / 2);
        while ((long) second * (second + 1) / 2 > pair) {
            second--;
        }
        while ((long) (second + 1) * (second + 2) / 2 <= pair) {
            second++;
        }
        int first = (int) (pair - (long) second * (second + 1) / 2);
        return set(List.of(firsts.get(first), seconds.get(second)));
    }

    private PolicySet set(List<Listed> policies) {
        BitSet denied = new BitSet(calls.size());
        BitSet allowed = new BitSet(calls.size());
        boolean someAllow = false;
        for (Listed one : policies) {
            boolean allow = one.policy().action() == Action.ALLOW;
            someAllow |= allow;
            (allow ? allowed : denied).or(one.decides());
        }
        if (!someAllow) {
            allowed.set(0, calls.size());
        }
        allowed.andNot(denied);
        return new PolicySet(policies.stream().map(Listed::policy).toList(), allowed);
    }
}
