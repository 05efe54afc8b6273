package dev.countersign.policy.eval;

import dev.countersign.policy.eval.RuleReading.Clause;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Rules as ztunnel reads them (istio.md 1.9): connections only, trust domains literally. An ALLOW rule with anything
/// of HTTP is dropped; in a DENY rule what remains must match, and an entry of which nothing remains never does, which
/// is the opposite of Envoy. `trustDomains` does not exist here.
record ZtunnelReader() implements RuleReader {
    private static final Set<SourceField> LAYER_7 =
            EnumSet.of(SourceField.REQUEST_PRINCIPALS, SourceField.REMOTE_IP_BLOCKS);
    private static final Set<String> CONDITIONS =
            Set.of("source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port");

    @Override
    public RuleReading read(AuthorizationPolicy policy, int index) {
        Rule rule = policy.rules().get(index);
        String namespace = policy.metadata().namespace();
        Set<String> unread = new LinkedHashSet<>();
        List<List<Clause>> from = readable(
                rule.from().stream().map(source -> source(source, namespace, unread)).toList());
        List<List<Clause>> to = readable(
                rule.to().stream().map(operation -> operation(operation, unread)).toList());
        List<Clause> when = new ArrayList<>();
        for (Condition condition : rule.when()) {
            if (CONDITIONS.contains(condition.key())) {
                when.add(condition(condition, namespace));
            } else {
                unread.add("the condition on " + condition.key());
            }
        }
        List<String> nouns = List.copyOf(unread);
        boolean emptied = from.isEmpty() != rule.from().isEmpty()
                || to.isEmpty() != rule.to().isEmpty()
                || when.size() < rule.when().size();
        Optional<String> never = Optional.empty();
        if (policy.action() == Action.ALLOW && !nouns.isEmpty()) {
            never = Optional.of("is left out by ztunnel, which cannot read " + RuleReading.words(nouns, "or"));
        } else if (emptied) {
            never = Optional.of("never matches at ztunnel, which cannot read "
                    + (nouns.isEmpty() ? "the trust domain" : RuleReading.words(nouns, "or")));
        }
        return new RuleReading(
                RuleReader.key(policy, index), index, never, never.isPresent() ? List.of() : nouns, from, to, when);
    }

    /// An entry of which nothing remains never matches, so it may as well not be there; the others still may.
    private static List<List<Clause>> readable(List<List<Clause>> entries) {
        return entries.stream().filter(clauses -> !clauses.isEmpty()).toList();
    }

    private static List<Clause> source(Source source, String namespace, Set<String> unread) {
        List<Clause> clauses = new ArrayList<>();
        source.fields().forEach((field, values) -> {
            if (LAYER_7.contains(field)) {
                unread.add(RuleReader.noun(field));
            } else if (field != SourceField.TRUST_DOMAINS) {
                clauses.add(source(RuleReader.noun(field), field, values, namespace));
            }
        });
        return clauses;
    }

    private static List<Clause> operation(Operation operation, Set<String> unread) {
        List<Clause> clauses = new ArrayList<>();
        operation.fields().forEach((field, values) -> {
            if (field == OperationField.PORTS) {
                clauses.add(RuleReader.clause(RuleReader.noun(field), values, RuleReader::port));
            } else {
                unread.add(RuleReader.noun(field));
            }
        });
        return clauses;
    }

    private static Clause condition(Condition condition, String namespace) {
        String noun = "the condition on " + condition.key();
        return switch (condition.key()) {
            case "destination.ip" ->
                RuleReader.clause(noun, condition.values(), value -> RuleReader.block(value, Call::destinationIp));
            case "destination.port" -> RuleReader.clause(noun, condition.values(), RuleReader::port);
            default -> source(
                    noun, SourceField.ofAttribute(condition.key()).orElseThrow(), condition.values(), namespace);
        };
    }

    private static Clause source(String noun, SourceField field, Values values, String namespace) {
        return RuleReader.clause(noun, values, value -> sourceValue(field, value, namespace));
    }

    private static Predicate<Call> sourceValue(SourceField field, String value, String policyNamespace) {
        StringMatch match = StringMatch.of(value);
        return switch (field) {
            case PRINCIPALS -> call -> call.principal().filter(match::matches).isPresent();
            case NAMESPACES -> call -> peer(call).filter(peer -> match.matches(peer.namespace())).isPresent();
            case SERVICE_ACCOUNTS -> {
                int slash = value.indexOf('/');
                String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
                String account = value.substring(slash + 1);
                yield call -> peer(call)
                        .filter(peer -> peer.namespace().equals(namespace) && peer.serviceAccount().equals(account))
                        .isPresent();
            }
            case IP_BLOCKS -> RuleReader.block(value, Call::sourceIp);
            case TRUST_DOMAINS, REQUEST_PRINCIPALS, REMOTE_IP_BLOCKS ->
                throw new IllegalStateException("ztunnel does not know " + field.key());
        };
    }

    private static Optional<Spiffe> peer(Call call) {
        return call.principal().flatMap(Spiffe::parse);
    }
}
