package dev.countersign.policy.eval;

import dev.countersign.policy.model.StringMatch;
import java.util.List;
import java.util.function.Predicate;

/// How Envoy matches the identity of a certificate (istio.md 1.2). Istio writes regular expressions over the URI
/// `spiffe://TD/ns/NS/sa/SA`; here each is a walk over the text behind `spiffe://`, which is what a call carries.
final class Peer {
    private Peer() {}

    static Predicate<String> principal(String value) {
        StringMatch match = StringMatch.of(value);
        return match::matches;
    }

    /// `.*/ns/VALUE/.*`, every star of the value any text.
    static Predicate<String> namespace(String value) {
        List<String> pieces = List.of(("/ns/" + value + "/").split("\\*", -1));
        return principal -> {
            // The whole URI, because the slashes of `spiffe://` may begin `/ns/`.
            String uri = "spiffe://" + principal;
            int at = 0;
            for (String piece : pieces) {
                int found = uri.indexOf(piece, at);
                if (found < 0) {
                    return false;
                }
                at = found + piece.length();
            }
            return true;
        };
    }

    /// `spiffe://.+/ns/NS/(.+/|)sa/SA(/.+)?`; a name without a namespace is of the policy's own.
    static Predicate<String> serviceAccount(String value, String policyNamespace) {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
        String start = "/ns/" + namespace + "/";
        String end = "sa/" + value.substring(slash + 1);
        return principal -> {
            // The leftmost start leaves the longest rest, and every later one's rest is within it.
            int ns = principal.indexOf(start, 1);
            if (ns < 0) {
                return false;
            }
            String rest = principal.substring(ns + start.length());
            for (int at = rest.indexOf(end); at >= 0; at = rest.indexOf(end, at + 1)) {
                boolean begins = at == 0 || (at >= 2 && rest.charAt(at - 1) == '/');
                int after = at + end.length();
                boolean ends = after == rest.length() || (rest.charAt(after) == '/' && after + 1 < rest.length());
                if (begins && ends) {
                    return true;
                }
            }
            return false;
        };
    }

    /// `spiffe://V/...`, `spiffe://x[^/]*/.*`, `spiffe://[^/]*x/.*`; `*` is every identity.
    static Predicate<String> trustDomain(String value) {
        return switch (StringMatch.of(value)) {
            case StringMatch.Present() -> principal -> true;
            case StringMatch.Exact(String exact) -> principal -> principal.startsWith(exact + "/");
            case StringMatch.Prefix(String prefix) ->
                principal -> principal.startsWith(prefix) && principal.indexOf('/', prefix.length()) >= 0;
            case StringMatch.Suffix(String suffix) -> principal -> {
                int slash = principal.indexOf('/');
                return slash >= 0 && principal.substring(0, slash).endsWith(suffix);
            };
        };
    }
}
