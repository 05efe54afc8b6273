package dev.countersign.conformance;

import dev.countersign.policy.eval.Call;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Evaluates Envoy's RBAC rules, as Istio's golden files write them, on a call. Written from Envoy's matchers, with
/// regular expressions where they have them: it shares nothing with the engine.
final class EnvoyRbac {
    private static final String SEGMENT = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
    private final Call call;

    private EnvoyRbac(Call call) {
        this.call = call;
    }

    /// The keys of the policies in `rules` that match.
    static Set<String> matching(Map<String, Object> rules, Call call) {
        EnvoyRbac rbac = new EnvoyRbac(call);
        Set<String> keys = new TreeSet<>();
        Map<String, Object> policies = Objects.map(rules, "policies");
        policies.keySet().forEach(key -> {
            Map<String, Object> policy = Objects.map(policies, key);
            if (Objects.list(policy, "permissions").stream().anyMatch(rbac::holds)
                    && Objects.list(policy, "principals").stream().anyMatch(rbac::holds)) {
                keys.add(key);
            }
        });
        return keys;
    }

    /// A permission or a principal: the two share their grammar, with other names for and, or, not.
    private boolean holds(Map<String, Object> matcher) {
        String kind = matcher.keySet().iterator().next();
        Map<String, Object> inner = Objects.map(matcher, kind);
        return switch (kind) {
            case "any" -> Boolean.TRUE.equals(matcher.get(kind));
            case "andRules" -> Objects.list(inner, "rules").stream().allMatch(this::holds);
            case "orRules" -> Objects.list(inner, "rules").stream().anyMatch(this::holds);
            case "andIds" -> Objects.list(inner, "ids").stream().allMatch(this::holds);
            case "orIds" -> Objects.list(inner, "ids").stream().anyMatch(this::holds);
            case "notRule", "notId" -> !holds(inner);
            case "header" -> header(inner);
            case "urlPath" -> path().filter(path -> text(Objects.map(inner, "path"), path)).isPresent();
            case "uriTemplate" -> template(Objects.text(Objects.map(inner, "typedConfig"), "pathTemplate", ""));
            case "destinationPort" -> matcher.get(kind).equals(call.destinationPort());
            case "destinationIp" -> block(inner, call.destinationIp());
            case "directRemoteIp" -> block(inner, call.sourceIp());
            case "remoteIp" -> block(inner, call.remoteIp());
            case "requestedServerName" -> text(inner, call.sni().orElse(""));
            case "authenticated" -> call.principal()
                    .filter(principal -> text(Objects.map(inner, "principalName"), "spiffe://" + principal))
                    .isPresent();
            case "metadata" -> metadata(inner);
            default -> throw new IllegalStateException("unknown matcher " + kind);
        };
    }

    private Optional<String> path() {
        return call.http().map(http -> http.path().replaceFirst("[?#].*", ""));
    }

    private boolean template(String template) {
        String regex = Arrays.stream(template.split("/", -1))
                .map(part -> switch (part) {
                    case "*" -> "[" + SEGMENT + "]+";
                    case "**" -> "[" + SEGMENT + "/]*";
                    default -> Pattern.quote(part);
                })
                .reduce((left, right) -> left + "/" + right)
                .orElseThrow();
        return path().filter(path -> Pattern.matches(regex, path)).isPresent();
    }

    private boolean header(Map<String, Object> matcher) {
        String name = Objects.text(matcher, "name", "");
        Optional<String> value = call.http().flatMap(http -> switch (name) {
            case ":authority" -> Optional.of(http.host());
            case ":method" -> Optional.of(http.method());
            default -> http.headers().entrySet().stream()
                    .filter(line -> line.getKey().equalsIgnoreCase(name))
                    .map(line -> String.join(",", line.getValue()))
                    .findFirst();
        });
        return Boolean.TRUE.equals(matcher.get("presentMatch"))
                ? value.isPresent()
                : value.filter(text -> text(Objects.map(matcher, "stringMatch"), text)).isPresent();
    }

    private static boolean text(Map<String, Object> matcher, String text) {
        if (matcher.containsKey("safeRegex")) {
            return Pattern.matches(Objects.text(Objects.map(matcher, "safeRegex"), "regex", ""), text);
        }
        boolean anyCase = Boolean.TRUE.equals(matcher.get("ignoreCase"));
        String subject = anyCase ? text.toLowerCase(java.util.Locale.ROOT) : text;
        if (matcher.containsKey("exact")) {
            return subject.equals(pattern(matcher, "exact", anyCase));
        }
        if (matcher.containsKey("prefix")) {
            return subject.startsWith(pattern(matcher, "prefix", anyCase));
        }
        return subject.endsWith(pattern(matcher, "suffix", anyCase));
    }

    private static String pattern(Map<String, Object> matcher, String kind, boolean anyCase) {
        String pattern = Objects.text(matcher, kind, "");
        return anyCase ? pattern.toLowerCase(java.util.Locale.ROOT) : pattern;
    }

    private static boolean block(Map<String, Object> range, String address) {
        byte[] base = InetAddress.ofLiteral(Objects.text(range, "addressPrefix", "")).getAddress();
        return sameBits(base, InetAddress.ofLiteral(address).getAddress(),
                ((Number) range.get("prefixLen")).intValue());
    }

    static boolean sameBits(byte[] base, byte[] address, int bits) {
        if (base.length != address.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            if (((base[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) == 1) {
                return false;
            }
        }
        return true;
    }

    private boolean metadata(Map<String, Object> matcher) {
        String filter = Objects.text(matcher, "filter", "");
        List<String> path = Objects.list(matcher, "path").stream().map(step -> step.get("key").toString()).toList();
        Object found = filter.equals("envoy.filters.http.jwt_authn")
                ? call.http().flatMap(Call.Http::claims).map(claims -> (Object) Map.of("payload",
                        claims)).orElse(Map.of())
                : call.filterMetadata().getOrDefault(filter, Map.of());
        for (String key : path) {
            if (!(found instanceof Map<?, ?> map) || !map.containsKey(key)) {
                return false;
            }
            found = map.get(key);
        }
        return value(Objects.map(matcher, "value"), found);
    }

    private static boolean value(Map<String, Object> matcher, Object found) {
        String kind = matcher.keySet().iterator().next();
        Map<String, Object> inner = Objects.map(matcher, kind);
        return switch (kind) {
            case "stringMatch" -> found instanceof String text && text(inner, text);
            case "orMatch" -> Objects.list(inner, "valueMatchers").stream().anyMatch(one -> value(one, found));
            case "listMatch" -> found instanceof List<?> list
                    && list.stream().anyMatch(one -> value(Objects.map(inner, "oneOf"), one));
            default -> throw new IllegalStateException("unknown value matcher " + kind);
        };
    }
}
