package dev.countersign.policy.eval;

import dev.countersign.policy.eval.RuleReading.Clause;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.PathTemplates;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Rules as Envoy reads them at a sidecar, gateway or waypoint (istio.md 1.2, 1.9). On a TCP filter chain the HTTP-only
/// fields have no meaning: an ALLOW rule with one is dropped, any other rule loses the field and widens.
record EnvoyReader(TrustDomainBundle domains, boolean tcp) implements RuleReader {
    @Override
    public RuleReading read(AuthorizationPolicy policy, int index) {
        Rule rule = policy.rules().get(index);
        Set<String> leftOut = new LinkedHashSet<>();
        String namespace = policy.metadata().namespace();
        List<List<Clause>> from = new ArrayList<>(rule.from().size());
        for (Source source : rule.from()) {
            from.add(source(source, namespace, leftOut));
        }
        List<List<Clause>> to = new ArrayList<>(rule.to().size());
        for (Operation operation : rule.to()) {
            to.add(operation(operation, leftOut));
        }
        List<Clause> when = new ArrayList<>();
        for (Condition condition : rule.when()) {
            if (tcp && httpOnly(condition.key())) {
                leftOut.add("the condition on " + condition.key());
            } else {
                when.add(condition(condition, namespace));
            }
        }
        Optional<String> never = policy.action() == Action.ALLOW && !leftOut.isEmpty()
                ? Optional.of("is left out on a TCP connection, where "
                        + RuleReading.does(List.copyOf(leftOut), "not exist"))
                : Optional.empty();
        List<String> widening = never.isPresent() ? List.of() : List.copyOf(leftOut);
        return new RuleReading(RuleReader.key(policy, index), index, never, widening, from, to, when);
    }

    private List<Clause> source(Source source, String namespace, Set<String> leftOut) {
        List<Clause> clauses = new ArrayList<>();
        source.fields().forEach((field, values) -> {
            if (tcp && field.httpOnly()) {
                leftOut.add(RuleReader.noun(field));
            } else {
                clauses.add(source(RuleReader.noun(field), field, values, namespace));
            }
        });
        return clauses;
    }

    private Clause source(String noun, SourceField field, Values values, String namespace) {
        Values expanded = switch (field) {
            case PRINCIPALS -> new Values(domains.principals(values.any()), domains.principals(values.none()));
            case TRUST_DOMAINS -> new Values(domains.trustDomains(values.any()), domains.trustDomains(values.none()));
            default -> values;
        };
        return RuleReader.clause(noun, expanded, value -> sourceValue(field, value, namespace));
    }

    private static Predicate<Call> sourceValue(SourceField field, String value, String namespace) {
        return switch (field) {
            case PRINCIPALS -> peer(Peer.principal(value));
            case NAMESPACES -> peer(Peer.namespace(value));
            case SERVICE_ACCOUNTS -> peer(Peer.serviceAccount(value, namespace));
            case TRUST_DOMAINS -> peer(Peer.trustDomain(value));
            case REQUEST_PRINCIPALS -> token(Token.requestPrincipal(value));
            case IP_BLOCKS -> RuleReader.block(value, Call::sourceIp);
            case REMOTE_IP_BLOCKS -> RuleReader.block(value, Call::remoteIp);
        };
    }

    private List<Clause> operation(Operation operation, Set<String> leftOut) {
        List<Clause> clauses = new ArrayList<>();
        operation.fields().forEach((field, values) -> {
            if (tcp && field.httpOnly()) {
                leftOut.add(RuleReader.noun(field));
            } else {
                clauses.add(RuleReader.clause(RuleReader.noun(field), values, value -> operationValue(field, value)));
            }
        });
        return clauses;
    }

    /// Envoy asks only for presence when a host or method is `*`, and every HTTP call has both.
    private static Predicate<Call> operationValue(OperationField field, String value) {
        StringMatch match = StringMatch.of(value);
        return switch (field) {
            case HOSTS -> http(value.equals("*") ? http -> true : http -> match.matchesAnyCase(http.host()));
            case METHODS -> http(value.equals("*") ? http -> true : http -> match.matches(http.method()));
            case PATHS -> path(value);
            case PORTS -> RuleReader.port(value);
        };
    }

    private static Predicate<Call> path(String value) {
        if (PathTemplates.isTemplate(value)) {
            PathTemplate template = PathTemplate.of(value);
            return http(http -> template.matches(withoutQuery(http.path())));
        }
        StringMatch match = StringMatch.of(value);
        return http(http -> match.matches(withoutQuery(http.path())));
    }

    private static String withoutQuery(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '?' || path.charAt(i) == '#') {
                return path.substring(0, i);
            }
        }
        return path;
    }

    private static boolean httpOnly(String key) {
        return key.startsWith("request.");
    }

    private Clause condition(Condition condition, String namespace) {
        String noun = "the condition on " + condition.key();
        return SourceField.ofAttribute(condition.key())
                .map(field -> source(noun, field, condition.values(), namespace))
                .orElseGet(() ->
                        RuleReader.clause(noun, condition.values(), value -> attribute(condition.key(), value)));
    }

    private static Predicate<Call> attribute(String key, String value) {
        return switch (key) {
            case "destination.ip" -> RuleReader.block(value, Call::destinationIp);
            case "destination.port" -> RuleReader.port(value);
            case "connection.sni" -> {
                StringMatch match = StringMatch.of(value);
                yield call -> match.matches(call.sni().orElse(""));
            }
            case "request.auth.audiences" -> token(Token.claim(List.of("aud"), value));
            case "request.auth.presenter" -> token(Token.claim(List.of("azp"), value));
            default -> named(key, value);
        };
    }

    private static Predicate<Call> named(String key, String value) {
        if (key.startsWith("request.headers[")) {
            return header(key.substring("request.headers[".length(), key.length() - 1), value);
        }
        if (key.startsWith("request.auth.claims[")) {
            return token(Token.claim(Token.path(key), value));
        }
        if (key.startsWith("experimental.envoy.filters.")) {
            return metadata(key.substring("experimental.".length()), value);
        }
        return call -> false; // validation refuses any other key
    }

    /// `*` asks for presence, an empty header has it. Several lines are one text with commas.
    private static Predicate<Call> header(String name, String value) {
        StringMatch match = StringMatch.of(value);
        String lower = name.toLowerCase(Locale.ROOT);
        return http(http -> header(http, lower).filter(text -> value.equals("*") || match.matches(text)).isPresent());
    }

    private static Optional<String> header(Call.Http http, String name) {
        return switch (name) {
            case ":authority", "host" -> Optional.of(http.host());
            case ":method" -> Optional.of(http.method());
            case ":path" -> Optional.of(http.path());
            default -> Optional.ofNullable(http.headers().get(name)).map(lines -> String.join(",", lines));
        };
    }

    /// `envoy.filters.X[k]`; a value `[v]` asks for a list with v, any other for a string.
    private static Predicate<Call> metadata(String key, String value) {
        int open = key.indexOf('[');
        String filter = open < 0 ? key : key.substring(0, open);
        String entry = open < 0 ? "" : key.substring(open + 1, key.length() - 1);
        boolean list = value.length() > 1 && value.startsWith("[") && value.endsWith("]");
        StringMatch match = StringMatch.of(list ? value.substring(1, value.length() - 1) : value);
        return call -> {
            Object found = call.filterMetadata().getOrDefault(filter, Map.of()).getOrDefault(entry, Optional.empty());
            return list
                    ? found instanceof List<?> many
                            && many.stream().anyMatch(one -> one instanceof String text && match.matches(text))
                    : found instanceof String text && match.matches(text);
        };
    }

    private static Predicate<Call> peer(Predicate<String> principal) {
        return call -> call.principal().isPresent() && principal.test(call.principal().get());
    }

    private static Predicate<Call> http(Predicate<Call.Http> test) {
        return call -> call.http().isPresent() && test.test(call.http().get());
    }

    private static Predicate<Call> token(Predicate<Map<String, Object>> claims) {
        return http(http -> http.claims().isPresent() && claims.test(http.claims().get()));
    }
}
