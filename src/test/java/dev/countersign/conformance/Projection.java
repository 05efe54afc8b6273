package dev.countersign.conformance;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Values;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One dimension of a golden pair, in its policies and in Envoy's rules alike: all that speaks of other things is taken
/// out of both. Whole rules of the golden files contradict themselves often; their parts alone do not.
record Projection(Dimension dimension, Sign sign) {
    enum Dimension {
        PEER,
        PEER_ADDRESS,
        CLIENT_ADDRESS,
        TOKEN,
        HOST,
        METHOD,
        HEADER,
        PATH,
        PORT,
        OWN_ADDRESS,
        SNI,
        FILTER
    }

    enum Sign {
        VALUES,
        NOT_VALUES,
        BOTH
    }

    AuthorizationPolicy of(AuthorizationPolicy policy) {
        return new AuthorizationPolicy(
                policy.metadata(),
                policy.target(),
                policy.action(),
                policy.provider(),
                policy.rules().stream().map(this::of).toList());
    }

    private Rule of(Rule rule) {
        List<Map<SourceField, Values>> from = rule.from().stream().map(this::of).toList();
        List<Map<OperationField, Values>> to = rule.to().stream().map(this::of).toList();
        return new Rule(
                from.contains(Map.of()) ? List.of() : from.stream().map(Source::new).toList(),
                to.contains(Map.of()) ? List.of() : to.stream().map(Operation::new).toList(),
                rule.when().stream()
                        .filter(when -> dimension(when.key()) == dimension && !of(when.values()).isEmpty())
                        .map(when -> new Condition(when.key(), of(when.values())))
                        .toList());
    }

    private Map<SourceField, Values> of(Source source) {
        Map<SourceField, Values> kept = new EnumMap<>(SourceField.class);
        source.fields().forEach((field, values) -> {
            if (dimension(field.attribute()) == dimension && !of(values).isEmpty()) {
                kept.put(field, of(values));
            }
        });
        return kept;
    }

    private Map<OperationField, Values> of(Operation operation) {
        Map<OperationField, Values> kept = new EnumMap<>(OperationField.class);
        operation.fields().forEach((field, values) -> {
            Dimension its = switch (field) {
                case HOSTS -> Dimension.HOST;
                case METHODS -> Dimension.METHOD;
                case PATHS -> Dimension.PATH;
                case PORTS -> Dimension.PORT;
            };
            if (its == dimension && !of(values).isEmpty()) {
                kept.put(field, of(values));
            }
        });
        return kept;
    }

    private Values of(Values values) {
        return switch (sign) {
            case VALUES -> new Values(values.any(), List.of());
            case NOT_VALUES -> new Values(List.of(), values.none());
            case BOTH -> values;
        };
    }

    private static Dimension dimension(String attribute) {
        return switch (attribute.replaceFirst("\\[.*", "")) {
            case "source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain" -> Dimension.PEER;
            case "source.ip" -> Dimension.PEER_ADDRESS;
            case "remote.ip" -> Dimension.CLIENT_ADDRESS;
            case "request.headers" -> Dimension.HEADER;
            case "destination.ip" -> Dimension.OWN_ADDRESS;
            case "destination.port" -> Dimension.PORT;
            case "connection.sni" -> Dimension.SNI;
            default -> attribute.startsWith("request.auth.") ? Dimension.TOKEN : Dimension.FILTER;
        };
    }

    /// The same of an RBAC filter's `rules`.
    Map<String, Object> of(Map<String, Object> rules) {
        Map<String, Object> policies = new LinkedHashMap<>();
        Objects.map(rules, "policies").forEach((key, policy) -> {
            Map<String, Object> parts = Objects.map(Objects.map(rules, "policies"), key);
            policies.put(key, Map.of(
                    "permissions", entries(parts, "permissions", "andRules", "rules"),
                    "principals", entries(parts, "principals", "andIds", "ids")));
        });
        return Map.of("policies", policies);
    }

    private List<Map<String, Object>> entries(Map<String, Object> policy, String side, String and, String list) {
        return Objects.list(policy, side).stream()
                .map(entry -> entry.containsKey(and) ? narrowed(entry, and, list) : entry)
                .toList();
    }

    private Map<String, Object> narrowed(Map<String, Object> entry, String and, String list) {
        List<Map<String, Object>> kept = Objects.list(Objects.map(entry, and), list).stream()
                .filter(clause -> !clause.containsKey("any"))
                .filter(clause -> switch (sign) {
                    case VALUES -> !isNot(clause);
                    case NOT_VALUES -> isNot(clause);
                    case BOTH -> true;
                })
                .filter(clause -> dimensionOf(clause) == dimension)
                .toList();
        return Map.of(and, Map.of(list, kept));
    }

    private static boolean isNot(Map<String, Object> clause) {
        return clause.containsKey("notRule") || clause.containsKey("notId");
    }

    private static Dimension dimensionOf(Map<String, Object> clause) {
        String kind = clause.keySet().iterator().next();
        Map<String, Object> inner = Objects.map(clause, kind);
        return switch (kind) {
            case "notRule", "notId" -> dimensionOf(inner);
            case "orRules", "andRules" -> dimensionOf(Objects.list(inner, "rules").getFirst());
            case "orIds", "andIds" -> dimensionOf(Objects.list(inner, "ids").getFirst());
            case "authenticated" -> Dimension.PEER;
            case "directRemoteIp" -> Dimension.PEER_ADDRESS;
            case "remoteIp" -> Dimension.CLIENT_ADDRESS;
            case "urlPath", "uriTemplate" -> Dimension.PATH;
            case "destinationPort" -> Dimension.PORT;
            case "destinationIp" -> Dimension.OWN_ADDRESS;
            case "requestedServerName" -> Dimension.SNI;
            case "header" -> switch (Objects.text(inner, "name", "")) {
                case ":authority" -> Dimension.HOST;
                case ":method" -> Dimension.METHOD;
                default -> Dimension.HEADER;
            };
            case "metadata" ->
                Objects.text(inner, "filter", "").endsWith("jwt_authn") ? Dimension.TOKEN : Dimension.FILTER;
            default -> throw new IllegalStateException("unknown matcher " + kind);
        };
    }
}
