package dev.countersign.policy.naive;

import static dev.countersign.policy.naive.NaiveMatching.all;
import static dev.countersign.policy.naive.NaiveMatching.any;
import static dev.countersign.policy.naive.NaiveMatching.block;
import static dev.countersign.policy.naive.NaiveMatching.holds;
import static dev.countersign.policy.naive.NaiveMatching.smatch;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// How ztunnel reads one rule: it knows identities, addresses and ports only. An ALLOW rule with anything else is left
/// out; elsewhere an entry of which nothing is left never matches. Trust domains are overlooked, and nothing is
/// rewritten.
///
/// An identity that is not `td/ns/namespace/sa/account` (no part empty) has no namespace and no service account here;
/// neither Istio's documentation nor its data speak of one.
record NaiveZtunnelRule(String policyNamespace) {
    private static final Set<SourceField> KNOWN = Set.of(
            SourceField.PRINCIPALS, SourceField.NAMESPACES, SourceField.SERVICE_ACCOUNTS, SourceField.IP_BLOCKS);
    private static final Set<String> KNOWN_KEYS =
            Set.of("source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port");

    static Predicate<Call> of(AuthorizationPolicy policy, Rule rule) {
        if (policy.action() == Action.ALLOW && saysMoreThanItKnows(rule)) {
            return call -> false;
        }
        NaiveZtunnelRule reader = new NaiveZtunnelRule(policy.metadata().namespace());
        List<Predicate<Call>> clauses = new ArrayList<>();
        if (!rule.from().isEmpty()) {
            clauses.add(any(rule.from().stream().map(reader::source).toList()));
        }
        if (!rule.to().isEmpty()) {
            clauses.add(any(rule.to().stream()
                    .map(one -> one.fields().containsKey(OperationField.PORTS)
                            ? holds(one.get(OperationField.PORTS), NaiveRule::port)
                            : never())
                    .toList()));
        }
        rule.when().forEach(when -> clauses.add(reader.condition(when)));
        return all(clauses);
    }

    private static Predicate<Call> never() {
        return call -> false;
    }

    private static boolean saysMoreThanItKnows(Rule rule) {
        return rule.from().stream()
                        .anyMatch(one -> one.fields().containsKey(SourceField.REQUEST_PRINCIPALS)
                                || one.fields().containsKey(SourceField.REMOTE_IP_BLOCKS))
                || rule.to().stream()
                        .anyMatch(one -> one.fields().containsKey(OperationField.HOSTS)
                                || one.fields().containsKey(OperationField.METHODS)
                                || one.fields().containsKey(OperationField.PATHS))
                || rule.when().stream().anyMatch(one -> !KNOWN_KEYS.contains(one.key()));
    }

    private Predicate<Call> source(Source source) {
        List<Predicate<Call>> fields = new ArrayList<>();
        source.fields().forEach((field, values) -> {
            if (KNOWN.contains(field)) {
                fields.add(holds(values, value -> source(field, value)));
            }
        });
        return fields.isEmpty() ? never() : all(fields);
    }

    private Predicate<Call> source(SourceField field, String value) {
        return switch (field) {
            case PRINCIPALS -> call -> smatch(value, call.principal().orElse(""));
            case NAMESPACES -> call -> part(call, 2).filter(namespace -> smatch(value, namespace))
                    .isPresent();
            case SERVICE_ACCOUNTS -> {
                String account = value.contains("/") ? value : policyNamespace + "/" + value;
                yield call -> part(call, 2).isPresent()
                        && account.equals(part(call, 2).get() + "/" + part(call, 4).get());
            }
            case IP_BLOCKS -> block(value, Call::sourceIp);
            case REMOTE_IP_BLOCKS, REQUEST_PRINCIPALS, TRUST_DOMAINS ->
                throw new IllegalStateException("ztunnel does not know " + field);
        };
    }

    private static Optional<String> part(Call call, int number) {
        String[] parts = call.principal().orElse("").split("/", -1);
        boolean identity = parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa");
        return identity && !parts[0].isEmpty() && !parts[2].isEmpty() && !parts[4].isEmpty()
                ? Optional.of(parts[number])
                : Optional.empty();
    }

    private Predicate<Call> condition(Condition when) {
        return switch (when.key()) {
            case "source.ip" -> holds(when.values(), value -> source(SourceField.IP_BLOCKS, value));
            case "source.namespace" -> holds(when.values(), value -> source(SourceField.NAMESPACES, value));
            case "source.principal" -> holds(when.values(), value -> source(SourceField.PRINCIPALS, value));
            case "destination.ip" -> holds(when.values(), value -> block(value, Call::destinationIp));
            case "destination.port" -> holds(when.values(), NaiveRule::port);
            default -> never();
        };
    }
}
