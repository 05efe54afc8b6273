package dev.countersign.policy.compile;

import dev.countersign.policy.compile.CompiledPolicy.Origin;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Compiles grants to policies: one AuthorizationPolicy per called workload, whose rules admit exactly what is granted.
///
/// - The result depends on the set of grants only, not on their order or repetition.
/// - Callers with the same operations and conditions share a rule; rules, entries and values are sorted.
/// - A workload that ever had a grant keeps its policy, with no rules once nothing is granted: it then matches nothing.
///   Deleting it would open the workload to everyone.
/// - No rule has an empty `from`, `to` or `when` entry, which Istio reads as "any".
public final class GrantCompiler {
    /// Istio's CRD: `spec.rules` has at most 512 entries.
    static final int MAX_RULES = 512;

    /// Kubernetes: all annotations of an object together have at most 256 KiB.
    static final int MAX_ANNOTATION_BYTES = 256 * 1024;

    /// The API server stores objects of up to 1.5 MiB; a third is left for YAML's indentation and managed fields.
    static final int MAX_SPEC_CHARACTERS = 1024 * 1024;

    private static final Pattern LABEL_VALUE = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private GrantCompiler() {}

    /// `tenant` is written as a label. `underBaseline`: the workloads that ever had a grant; those of the grants given
    /// need not be repeated.
    public static Compilation compile(
            String tenant, Collection<GrantedAccess> grants, Collection<TargetWorkload> underBaseline) {
        if (!LABEL_VALUE.matcher(tenant).matches()) {
            throw new IllegalArgumentException("tenant \"" + tenant + "\" cannot be the value of a label");
        }
        Map<String, List<GrantedAccess>> byWorkload = new TreeMap<>();
        Map<String, List<TargetWorkload>> targets = new TreeMap<>();
        underBaseline.forEach(target -> note(targets, target));
        for (GrantedAccess grant : grants) {
            note(targets, grant.target());
            byWorkload.computeIfAbsent(grant.target().key(), key -> new ArrayList<>()).add(grant);
        }
        List<CompiledPolicy> policies = new ArrayList<>();
        List<Compilation.Refusal> refusals = new ArrayList<>();
        targets.forEach((key, found) -> {
            if (found.size() > 1) {
                refusals.add(new Compilation.Refusal.ConflictingSelectors(
                        key, found.stream().map(t -> t.selector().toString()).sorted().toList()));
                return;
            }
            Made made = policy(tenant, found.getFirst(), byWorkload.getOrDefault(key, List.of()));
            tooLarge(made).ifPresentOrElse(refusals::add, () -> policies.add(made.policy()));
        });
        PolicySet set = new PolicySet(policies);
        return refusals.isEmpty() ? new Compilation.Complete(set) : new Compilation.Partial(set, refusals);
    }

    private static void note(Map<String, List<TargetWorkload>> targets, TargetWorkload target) {
        List<TargetWorkload> known = targets.computeIfAbsent(target.key(), key -> new ArrayList<>());
        if (!known.contains(target)) {
            known.add(target);
        }
    }

    /// `characters`: of the text of its rules.
    private record Made(CompiledPolicy policy, long characters) {}

    private static Made policy(String tenant, TargetWorkload target, List<GrantedAccess> grants) {
        Map<Body, TreeSet<String>> principals = new HashMap<>();
        Map<Body, TreeSet<Origin>> origins = new HashMap<>();
        TreeSet<Long> requests = new TreeSet<>();
        TreeSet<String> ids = new TreeSet<>();
        for (GrantedAccess grant : grants) {
            for (Body body : Body.of(grant)) {
                TreeSet<String> of = principals.computeIfAbsent(body, b -> new TreeSet<>());
                grant.callers().forEach(caller -> of.add(caller.principal()));
                origins.computeIfAbsent(body, b -> new TreeSet<>(
                                Comparator.comparingLong(Origin::requestNumber).thenComparing(Origin::grantId)))
                        .add(new Origin(grant.grantId(), grant.requestNumber()));
            }
            requests.add(grant.requestNumber());
            ids.add(grant.grantId());
        }
        TreeMap<String, Body> ordered = new TreeMap<>();
        Map<Body, Rule> rules = new HashMap<>();
        principals.forEach((body, callers) -> {
            Rule rule = new Rule(List.of(Source.principals(List.copyOf(callers))), body.to(), body.when());
            rules.put(body, rule);
            ordered.put(SpecDigest.text(rule), body);
        });
        Map<String, String> labels =
                Map.of(CompiledPolicy.MANAGED_BY, CompiledPolicy.MANAGER, CompiledPolicy.TENANT, tenant);
        Map<String, String> annotations = new TreeMap<>();
        if (!grants.isEmpty()) {
            annotations.put(CompiledPolicy.REQUESTS, join(requests));
            annotations.put(CompiledPolicy.GRANTS, join(ids));
        }
        String name = PolicyNames.of(target);
        List<Rule> inOrder = ordered.values().stream().map(rules::get).toList();
        String digest = SpecDigest.of(object(target, name, labels, annotations, inOrder));
        annotations.put(CompiledPolicy.DIGEST, digest);
        return new Made(
                new CompiledPolicy(
                        target,
                        object(target, name, labels, annotations, inOrder),
                        digest,
                        ordered.values().stream().map(body -> List.copyOf(origins.get(body))).toList()),
                ordered.keySet().stream().mapToLong(String::length).sum());
    }

    private static AuthorizationPolicy object(
            TargetWorkload target,
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<Rule> rules) {
        return AuthorizationPolicy.allow(
                new ObjectMeta(target.namespace(), name, labels, annotations, Optional.empty()),
                new Target.Selector(target.selector()),
                rules);
    }

    private static String join(Collection<?> values) {
        return String.join(",", values.stream().map(Object::toString).toList());
    }

    private static Optional<Compilation.Refusal> tooLarge(Made made) {
        AuthorizationPolicy policy = made.policy().policy();
        String workload = made.policy().target().key();
        if (policy.rules().size() > MAX_RULES) {
            return Optional.of(new Compilation.Refusal.TooLarge(workload, "rules", policy.rules().size(), MAX_RULES));
        }
        long annotations = policy.metadata().annotations().entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        if (annotations > MAX_ANNOTATION_BYTES - 64) {
            return Optional.of(new Compilation.Refusal.TooLarge(
                    workload, "bytes of annotations (the numbers of its grants)", annotations, MAX_ANNOTATION_BYTES));
        }
        if (made.characters() > MAX_SPEC_CHARACTERS) {
            return Optional.of(
                    new Compilation.Refusal.TooLarge(workload, "characters of rules", made.characters(), MAX_SPEC_CHARACTERS));
        }
        return Optional.empty();
    }

    /// What of a rule is not its callers, in canonical form: equal bodies can share a rule.
    private record Body(List<Operation> to, List<Condition> when) {
        /// One body; two where operations of connections and of HTTP stand together, for Istio drops a whole rule on a TCP
        /// connection when one of its entries speaks of HTTP.
        static List<Body> of(GrantedAccess grant) {
            TreeMap<String, Condition> conditions = new TreeMap<>();
            grant.conditions().stream().map(Body::condition).forEach(c -> conditions.put(SpecDigest.text(c), c));
            List<Condition> when = List.copyOf(conditions.values());
            if (grant.wholeService()) {
                return List.of(new Body(List.of(), when));
            }
            TreeMap<String, Operation> connections = new TreeMap<>();
            TreeMap<String, Operation> http = new TreeMap<>();
            for (GrantedOperation granted : grant.operations()) {
                Operation operation = operation(granted);
                (granted.anyProtocol() ? connections : http).put(SpecDigest.text(operation), operation);
            }
            return Stream.of(connections, http)
                    .filter(operations -> !operations.isEmpty())
                    .map(operations -> new Body(List.copyOf(operations.values()), when))
                    .toList();
        }

        private static Operation operation(GrantedOperation granted) {
            return new Operation(Map.of(
                    OperationField.METHODS, Values.any(granted.methods()),
                    OperationField.PATHS, Values.any(granted.paths()),
                    OperationField.PORTS, Values.any(granted.ports().stream().map(String::valueOf).toList()),
                    OperationField.HOSTS, Values.any(granted.hosts())));
        }

        private static Condition condition(Condition condition) {
            return new Condition(
                    condition.key(),
                    new Values(
                            List.copyOf(new TreeSet<>(condition.values().any())),
                            List.copyOf(new TreeSet<>(condition.values().none()))));
        }
    }
}
