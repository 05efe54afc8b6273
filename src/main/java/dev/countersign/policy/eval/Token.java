package dev.countersign.policy.eval;

import dev.countersign.policy.model.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// How Envoy matches the claims of a verified token. Without a token, nothing matches.
final class Token {
    /// Claims that Istio splits on spaces before anything is compared.
    private static final Set<String> SPLIT = Set.of("scope", "permission");

    private Token() {}

    /// `<issuer>/<subject>`, split at the last slash (istio.md 1.4). Both must be strings.
    static Predicate<Map<String, Object>> requestPrincipal(String value) {
        int slash = value.lastIndexOf('/');
        String issuer = slash < 0 ? value : value.substring(0, slash);
        String subject = slash < 0 ? "" : value.substring(slash + 1);
        StringMatch any = new StringMatch.Present();
        if (value.equals("*")) {
            return both(any, any);
        }
        if (value.startsWith("*")) {
            return slash < 0
                    ? both(any, StringMatch.of(value))
                    : both(StringMatch.of(issuer), new StringMatch.Exact(subject));
        }
        if (value.endsWith("*")) {
            return slash < 0
                    ? both(StringMatch.of(issuer), any)
                    : both(new StringMatch.Exact(issuer), subject.equals("*") ? any
                            : new StringMatch.Prefix(subject.substring(0, subject.length() - 1)));
        }
        return both(new StringMatch.Exact(issuer), new StringMatch.Exact(subject));
    }

    private static Predicate<Map<String, Object>> both(StringMatch issuer, StringMatch subject) {
        return claims -> claims.get("iss") instanceof String iss && issuer.matches(iss)
                && claims.get("sub") instanceof String sub && subject.matches(sub);
    }

    /// A string, or a list with one string, at the path. Numbers and booleans never match.
    static Predicate<Map<String, Object>> claim(List<String> path, String value) {
        StringMatch match = StringMatch.of(value);
        return claims -> {
            Object at = claims;
            for (String key : path) {
                at = at instanceof Map<?, ?> map && map.containsKey(key) ? map.get(key) : Optional.empty();
            }
            if (at instanceof String text && path.size() == 1 && SPLIT.contains(path.getFirst())) {
                at = List.of(text.split(" "));
            }
            return at instanceof String text && match.matches(text)
                    || at instanceof List<?> list
                            && list.stream().anyMatch(one -> one instanceof String text && match.matches(text));
        };
    }

    /// The keys of `request.auth.claims[a][b]`: a, b.
    static List<String> path(String brackets) {
        List<String> path = new ArrayList<>();
        int open = brackets.indexOf('[');
        while (open >= 0) {
            int close = brackets.indexOf(']', open);
            if (close < 0) {
                break;
            }
            path.add(brackets.substring(open + 1, close));
            open = brackets.indexOf('[', close);
        }
        return path;
    }
}
