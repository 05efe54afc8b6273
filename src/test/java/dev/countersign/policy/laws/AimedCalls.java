package dev.countersign.policy.laws;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.PathTemplates;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.model.Values;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Calls aimed at given policies: each takes its parts from what one rule asks for, positive values and forbidden ones,
/// and misses by a part now and then. For policies whose words are not those of `Worlds`.
public final class AimedCalls {
    private final SplittableRandom random;
    private final List<Rule> rules;
    private final String namespace;

    /// The rules of `policies`; short names of service accounts are of `namespace`.
    public AimedCalls(long seed, Collection<AuthorizationPolicy> policies, String namespace) {
        this.random = new SplittableRandom(seed);
        this.rules = policies.stream().flatMap(policy -> policy.rules().stream()).toList();
        this.namespace = namespace;
    }

    /// What is wanted so far, by name of the part.
    private static final class Aim {
        private Optional<String> principal = Optional.of("td1/ns/other/sa/other");
        private String sourceIp = "10.1.2.3";
        private String remoteIp = "10.1.2.3";
        private String destinationIp = "10.9.0.1";
        private int port = 8080;
        private Optional<String> sni = Optional.empty();
        private String method = "GET";
        private String path = "/";
        private String host = "other.example";
        private final Map<String, List<String>> headers = new LinkedHashMap<>();
        private final Map<String, Object> claims = new LinkedHashMap<>();
        private final Map<String, Map<String, Object>> metadata = new LinkedHashMap<>();
    }

    public Call next(boolean tcp, Map<String, ExternalAuthorizer> authorizers) {
        Aim aim = new Aim();
        if (!rules.isEmpty()) {
            Rule rule = pick(rules);
            if (!rule.from().isEmpty()) {
                aimAt(aim, pick(rule.from()));
            }
            if (!rule.to().isEmpty()) {
                aimAt(aim, pick(rule.to()));
            }
            rule.when().forEach(when -> aimAt(aim, when));
        }
        if (chance(8)) {
            aim.principal = Optional.empty();
        }
        Optional<Map<String, Object>> claims = aim.claims.isEmpty() ? Optional.empty() : Optional.of(aim.claims);
        return new Call(
                aim.principal, aim.sourceIp, aim.remoteIp, aim.destinationIp, aim.port, aim.sni,
                tcp ? Optional.empty() : Optional.of(new Call.Http(aim.method, aim.path, aim.host, aim.headers,
                        claims)),
                aim.metadata, authorizers);
    }

    private void aimAt(Aim aim, Source source) {
        source.fields().forEach((field, values) -> wanted(values).ifPresent(value -> aimAt(aim, field, value)));
    }

    private void aimAt(Aim aim, SourceField field, String value) {
        switch (field) {
            case PRINCIPALS -> aim.principal = Optional.of(instance(value)).filter(text -> !text.isEmpty());
            case NAMESPACES -> aim.principal = Optional.of("td1/ns/" + instance(value) + "/sa/other");
            case SERVICE_ACCOUNTS -> {
                String full = value.contains("/") ? value : namespace + "/" + value;
                aim.principal = Optional.of("td1/ns/" + full.replace("/", pick(List.of("/sa/", "/sa/", "/x/sa/"))));
            }
            case TRUST_DOMAINS -> aim.principal = Optional.of(instance(value) + "/ns/other/sa/other");
            case REQUEST_PRINCIPALS -> {
                int slash = value.lastIndexOf('/');
                aim.claims.put("iss", instance(slash < 0 ? value : value.substring(0, slash)));
                aim.claims.put("sub", slash < 0 ? pick(List.of("", "me", instance(value)))
                        : instance(value.substring(slash + 1)));
            }
            case IP_BLOCKS -> aim.sourceIp = address(value);
            case REMOTE_IP_BLOCKS -> aim.remoteIp = address(value);
        }
    }

    private void aimAt(Aim aim, Operation operation) {
        operation.fields().forEach((field, values) -> wanted(values).ifPresent(value -> {
            switch (field) {
                case HOSTS -> aim.host = chance(2) ? instance(value)
                        : instance(value).toUpperCase(java.util.Locale.ROOT);
                case METHODS -> aim.method = instance(value);
                case PATHS -> aim.path = path(value) + (chance(4) ? "?q=/x" : "");
                case PORTS -> aim.port = Integer.parseInt(value);
            }
        }));
    }

    private void aimAt(Aim aim, Condition when) {
        Optional<SourceField> field = SourceField.ofAttribute(when.key());
        wanted(when.values()).ifPresent(value -> {
            if (field.isPresent()) {
                aimAt(aim, field.get(), value);
            } else {
                aimAt(aim, when.key(), value);
            }
        });
    }

    private void aimAt(Aim aim, String key, String value) {
        String inner = key.contains("[") ? key.substring(key.indexOf('[') + 1, key.length() - 1) : "";
        switch (key.replaceFirst("\\[.*", "")) {
            case "destination.ip" -> aim.destinationIp = address(value);
            case "destination.port" -> aim.port = Integer.parseInt(value);
            case "connection.sni" -> aim.sni = Optional.of(instance(value));
            case "request.auth.audiences" -> aim.claims.put("aud", single(instance(value)));
            case "request.auth.presenter" -> aim.claims.put("azp", single(instance(value)));
            case "request.headers" -> aim.headers.put(inner, chance(4) ? List.of(instance(value), "more")
                    : List.of(instance(value)));
            case "request.auth.claims" -> {
                String[] path = inner.split("]\\[", -1);
                Object leaf = single(instance(value));
                for (int i = path.length - 1; i > 0; i--) {
                    leaf = Map.of(path[i], leaf);
                }
                aim.claims.put(path[0], leaf);
            }
            default -> {
                String filter = key.substring("experimental.".length(), key.indexOf('['));
                boolean list = value.startsWith("[");
                String text = instance(list ? value.substring(1, value.length() - 1) : value);
                aim.metadata.put(filter, Map.of(inner, list != chance(8) ? List.of("none", text) : text));
            }
        }
    }

    private Object single(String text) {
        return chance(3) ? List.of("none", text) : chance(12) ? (Object) 7 : text;
    }

    /// Mostly a value that is asked for, sometimes one that is forbidden, sometimes none.
    private Optional<String> wanted(Values values) {
        List<String> from = !values.any().isEmpty() && !chance(6) ? values.any() : values.none();
        return from.isEmpty() || chance(12) ? Optional.empty() : Optional.of(pick(from));
    }

    private String instance(String value) {
        String fill = pick(List.of("zz", "zz/zz", ""));
        return switch (StringMatch.of(value)) {
            case StringMatch.Exact(String text) -> text;
            case StringMatch.Prefix(String prefix) -> prefix + fill;
            case StringMatch.Suffix(String suffix) -> fill + suffix;
            case StringMatch.Present() -> fill;
        };
    }

    private String path(String value) {
        if (!PathTemplates.isTemplate(value)) {
            return instance(value);
        }
        return value.replace("{**}", pick(List.of("", "a", "a/b", "/"))).replace("{*}", pick(List.of("a", "a.b%20c",
                "", "a/b")));
    }

    /// The block's own address, or one that differs in the last number.
    private String address(String block) {
        String base = block.replaceFirst("/.*", "");
        return chance(3) ? base.replaceFirst("[0-9]+$", "77") : base;
    }

    private boolean chance(int times) {
        return random.nextInt(times) == 0;
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
