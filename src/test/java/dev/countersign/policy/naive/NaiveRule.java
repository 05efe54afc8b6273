package dev.countersign.policy.naive;

import static dev.countersign.policy.naive.NaiveMatching.all;
import static dev.countersign.policy.naive.NaiveMatching.any;
import static dev.countersign.policy.naive.NaiveMatching.block;
import static dev.countersign.policy.naive.NaiveMatching.holds;
import static dev.countersign.policy.naive.NaiveMatching.smatch;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.SourceField;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// How Envoy reads one rule (sidecar, gateway, waypoint). On TCP an ALLOW rule with anything HTTP never matches; in the
/// other actions what is HTTP falls away and the rule widens.
record NaiveRule(MeshSettings mesh, String policyNamespace) {

    static Predicate<Call> of(MeshSettings mesh, AuthorizationPolicy policy, Rule rule) {
        Predicate<Call> matches = new NaiveRule(mesh, policy.metadata().namespace()).matches(rule);
        boolean http = saysHttp(rule);
        return policy.action() == Action.ALLOW && http ? call -> call.http().isPresent() && matches.test(call) : matches;
    }

    private Predicate<Call> matches(Rule rule) {
        List<Predicate<Call>> from = new ArrayList<>();
        List<Predicate<Call>> to = new ArrayList<>();
        List<Predicate<Call>> when = new ArrayList<>();
        rule.from().forEach(source -> {
            List<Predicate<Call>> fields = new ArrayList<>();
            source.fields().forEach((field, values) -> fields.add(
                    onTcp(field == SourceField.REQUEST_PRINCIPALS, holds(values, value -> source(field, value)))));
            from.add(all(fields));
        });
        rule.to().forEach(operation -> {
            List<Predicate<Call>> fields = new ArrayList<>();
            operation.fields().forEach((field, values) -> fields.add(
                    onTcp(field != OperationField.PORTS, holds(values, value -> operation(field, value)))));
            to.add(all(fields));
        });
        rule.when().forEach(one -> when.add(onTcp(
                one.key().startsWith("request."), holds(one.values(), value -> condition(one.key(), value)))));
        Predicate<Call> source = from.isEmpty() ? call -> true : any(from);
        Predicate<Call> operation = to.isEmpty() ? call -> true : any(to);
        return all(List.of(source, operation, all(when)));
    }

    /// A part that only HTTP has is overlooked on a TCP connection.
    private static Predicate<Call> onTcp(boolean httpOnly, Predicate<Call> part) {
        return httpOnly ? call -> call.http().isEmpty() || part.test(call) : part;
    }

    private static boolean saysHttp(Rule rule) {
        return rule.from().stream().anyMatch(one -> one.fields().containsKey(SourceField.REQUEST_PRINCIPALS))
                || rule.to().stream()
                        .anyMatch(one -> one.fields().containsKey(OperationField.HOSTS)
                                || one.fields().containsKey(OperationField.METHODS)
                                || one.fields().containsKey(OperationField.PATHS))
                || rule.when().stream().anyMatch(one -> one.key().startsWith("request."));
    }

    private Predicate<Call> source(SourceField field, String value) {
        return switch (field) {
            case PRINCIPALS -> any(rewritten(value).stream().map(NaiveRule::principal).toList());
            case NAMESPACES -> san(".*/ns/" + starsAsAnything(value) + "/.*");
            case SERVICE_ACCOUNTS -> {
                int slash = value.indexOf('/');
                String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
                yield san("spiffe://.+/ns/" + Pattern.quote(namespace) + "/(.+/|)sa/"
                        + Pattern.quote(value.substring(slash + 1)) + "(/.+)?");
            }
            case TRUST_DOMAINS -> {
                List<String> bundle = mesh.trustDomains().bundle();
                List<String> named = bundle.contains(value) ? bundle : List.of(value);
                yield any(named.stream().map(NaiveRule::trustDomain).toList());
            }
            case IP_BLOCKS -> block(value, Call::sourceIp);
            case REMOTE_IP_BLOCKS -> block(value, Call::remoteIp);
            case REQUEST_PRINCIPALS -> call -> NaiveToken.of(call).requestPrincipal(value);
        };
    }

    /// The certificate's URI matches the regular expression; in plain text there is none.
    private static Predicate<Call> san(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return call -> call.principal().isPresent()
                && pattern.matcher("spiffe://" + call.principal().get()).matches();
    }

    private static Predicate<Call> principal(String value) {
        if (value.equals("*")) {
            return call -> call.principal().isPresent();
        }
        if (value.startsWith("*")) {
            return san("spiffe://.*" + Pattern.quote(value.substring(1)));
        }
        return value.endsWith("*")
                ? san("spiffe://" + Pattern.quote(value.substring(0, value.length() - 1)) + ".*")
                : san("spiffe://" + Pattern.quote(value));
    }

    /// One value for every name of the trust domain it speaks of.
    private List<String> rewritten(String value) {
        String[] parts = value.split("/", -1);
        if (parts.length != 5 || parts[0].equals("*")) {
            return List.of(value);
        }
        String said = parts[0];
        List<String> bundle = mesh.trustDomains().bundle();
        boolean ours = said.equals("cluster.local")
                || bundle.stream().anyMatch(one -> one.equals(said) || starred(said, one) || starred(one, said));
        if (!ours) {
            return List.of(value);
        }
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (String one : bundle) {
            boolean stays = said.startsWith("*") && one.endsWith(said.substring(1));
            all.add(stays ? value : one + value.substring(said.length()));
        }
        return List.copyOf(all);
    }

    private static boolean starred(String pattern, String text) {
        return pattern.startsWith("*") && text.endsWith(pattern.substring(1))
                || pattern.endsWith("*") && text.startsWith(pattern.substring(0, pattern.length() - 1));
    }

    private static Predicate<Call> trustDomain(String value) {
        if (value.equals("*")) {
            return call -> call.principal().isPresent();
        }
        if (value.startsWith("*")) {
            return san("spiffe://[^/]*" + Pattern.quote(value.substring(1)) + "/.*");
        }
        if (value.endsWith("*")) {
            return san("spiffe://" + Pattern.quote(value.substring(0, value.length() - 1)) + "[^/]*/.*");
        }
        return san("spiffe://" + Pattern.quote(value) + "/.*");
    }

    private static String starsAsAnything(String value) {
        List<String> parts = new ArrayList<>();
        for (String part : value.split("\\*", -1)) {
            parts.add(Pattern.quote(part));
        }
        return String.join(".*", parts);
    }

    /// Host and method are headers that every HTTP call has, so `*` is true of them (Istio's golden files), even of an
    /// empty one.
    private static Predicate<Call> operation(OperationField field, String value) {
        return switch (field) {
            case PORTS -> port(value);
            case HOSTS -> {
                String lower = value.toLowerCase(Locale.ROOT);
                yield call -> value.equals("*") || smatch(lower, http(call).host().toLowerCase(Locale.ROOT));
            }
            case METHODS -> call -> value.equals("*") || smatch(value, http(call).method());
            case PATHS -> path(value);
        };
    }

    static Predicate<Call> port(String value) {
        int port = Integer.parseInt(value);
        return call -> call.destinationPort() == port;
    }

    private static Predicate<Call> path(String value) {
        if (value.contains("{*}") || value.contains("{**}")) {
            Pattern pattern = Pattern.compile(template(value));
            return call -> pattern.matcher(pathOnly(call)).matches();
        }
        return call -> smatch(value, pathOnly(call));
    }

    private static String pathOnly(Call call) {
        return http(call).path().split("[?#]", 2)[0];
    }

    private static String template(String value) {
        String inSegment = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < value.length(); ) {
            if (value.startsWith("{**}", i)) {
                regex.append("[").append(inSegment).append("/]*");
                i += 4;
            } else if (value.startsWith("{*}", i)) {
                regex.append("[").append(inSegment).append("]+");
                i += 3;
            } else {
                regex.append(Pattern.quote(value.substring(i, i + 1)));
                i++;
            }
        }
        return regex.toString();
    }

    private Predicate<Call> condition(String key, String value) {
        for (SourceField field : SourceField.values()) {
            if (key.equals(field.attribute())) {
                return source(field, value);
            }
        }
        return switch (key) {
            case "destination.port" -> port(value);
            case "destination.ip" -> block(value, Call::destinationIp);
            case "connection.sni" -> call -> smatch(value, call.sni().orElse(""));
            case "request.auth.audiences" -> call -> NaiveToken.of(call).claim(List.of("aud"), value);
            case "request.auth.presenter" -> call -> NaiveToken.of(call).claim(List.of("azp"), value);
            default -> bracketed(key, value);
        };
    }

    /// `name[a]` and `name[a][b]`.
    private static Predicate<Call> bracketed(String key, String value) {
        int open = key.indexOf('[');
        String name = key.substring(0, open);
        String inner = key.substring(open + 1, key.length() - 1);
        if (name.equals("request.headers")) {
            String header = inner.toLowerCase(Locale.ROOT);
            return call -> header(header, call)
                    .filter(text -> value.equals("*") || smatch(value, text))
                    .isPresent();
        }
        if (name.equals("request.auth.claims")) {
            List<String> path = List.of(inner.split("]\\[", -1));
            return call -> NaiveToken.of(call).claim(path, value);
        }
        if (name.startsWith("experimental.envoy.filters.")) {
            String filter = name.substring("experimental.".length());
            return call -> filterMetadata(call.filterMetadata().getOrDefault(filter, Map.of()), inner, value);
        }
        throw new IllegalArgumentException("not an attribute: " + key);
    }

    private static Optional<String> header(String name, Call call) {
        return switch (name) {
            case ":authority", "host" -> Optional.of(http(call).host());
            case ":method" -> Optional.of(http(call).method());
            case ":path" -> Optional.of(http(call).path());
            default -> Optional.ofNullable(http(call).headers().get(name)).map(lines -> String.join(",", lines));
        };
    }

    private static boolean filterMetadata(Map<String, Object> metadata, String key, String value) {
        if (value.startsWith("[") && value.endsWith("]")) {
            String inner = value.substring(1, value.length() - 1);
            return metadata.get(key) instanceof List<?> list
                    && list.stream().anyMatch(one -> one instanceof String text && smatch(inner, text));
        }
        return metadata.get(key) instanceof String text && smatch(value, text);
    }

    private static Call.Http http(Call call) {
        return call.http().orElseThrow();
    }
}
