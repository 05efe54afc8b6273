package dev.countersign.conformance;

import dev.countersign.policy.eval.Call;
import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Evaluates ztunnel's Authorization, as Istio's golden files write it, on a connection: some group, of which every
/// rule has a match; a match without fields never holds. Shares nothing with the engine.
final class ZtunnelRbac {
    private final Call call;

    private ZtunnelRbac(Call call) {
        this.call = call;
    }

    static boolean matches(Map<String, Object> authorization, Call call) {
        ZtunnelRbac rbac = new ZtunnelRbac(call);
        return Objects.list(authorization, "groups").stream()
                .anyMatch(group -> Objects.list(group, "rules").stream()
                        .allMatch(rule -> Objects.list(rule, "matches").stream().anyMatch(rbac::match)));
    }

    private boolean match(Map<String, Object> match) {
        return !match.isEmpty()
                && holds(match, "principals", "notPrincipals", this::principal)
                && holds(match, "namespaces", "notNamespaces", this::namespace)
                && holds(match, "serviceAccounts", "notServiceAccounts", this::serviceAccount)
                && holds(match, "sourceIps", "notSourceIps", one -> address(one, call.sourceIp()))
                && holds(match, "destinationIps", "notDestinationIps", one -> address(one, call.destinationIp()))
                && ports(match);
    }

    private static boolean holds(
            Map<String, Object> match, String key, String notKey, Predicate<Map<String, Object>> test) {
        List<Map<String, Object>> any = Objects.list(match, key);
        return (any.isEmpty() || any.stream().anyMatch(test)) && Objects.list(match, notKey).stream().noneMatch(test);
    }

    private boolean ports(Map<String, Object> match) {
        String port = String.valueOf(call.destinationPort());
        List<String> any = Objects.strings(match, "destinationPorts");
        return (any.isEmpty() || any.contains(port)) && !Objects.strings(match, "notDestinationPorts").contains(port);
    }

    private boolean principal(Map<String, Object> text) {
        return call.principal().filter(principal -> text(text, principal)).isPresent();
    }

    private boolean namespace(Map<String, Object> text) {
        return call.principal().filter(principal -> text(text, part(principal, 2))).isPresent();
    }

    private boolean serviceAccount(Map<String, Object> account) {
        return call.principal()
                .filter(principal -> part(principal, 2).equals(account.get("namespace"))
                        && part(principal, 4).equals(account.get("serviceAccount")))
                .isPresent();
    }

    private static String part(String principal, int index) {
        String[] parts = principal.split("/", -1);
        return parts.length == 5 ? parts[index] : "";
    }

    private static boolean text(Map<String, Object> matcher, String text) {
        String pattern = Objects.text(matcher, matcher.keySet().iterator().next(), "");
        return switch (matcher.keySet().iterator().next()) {
            case "exact" -> text.equals(pattern);
            case "prefix" -> text.startsWith(pattern);
            case "suffix" -> text.endsWith(pattern);
            default -> !text.isEmpty();
        };
    }

    private static boolean address(Map<String, Object> range, String address) {
        byte[] base = Base64.getDecoder().decode(Objects.text(range, "address", ""));
        int bits = ((Number) range.getOrDefault("length", 0)).intValue();
        return EnvoyRbac.sameBits(base, InetAddress.ofLiteral(address).getAddress(), bits);
    }
}
