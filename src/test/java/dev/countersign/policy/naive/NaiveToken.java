package dev.countersign.policy.naive;

import static dev.countersign.policy.naive.NaiveMatching.smatch;

import dev.countersign.policy.eval.Call;
import java.util.List;
import java.util.Map;

/// What Envoy sees of a verified token. `scope` and `permission` are lists of words there, not one text.
record NaiveToken(Map<String, Object> claims) {
    static NaiveToken of(Call call) {
        return new NaiveToken(call.http().orElseThrow().claims().orElse(Map.of()));
    }

    /// `issuer/subject`, split at the last slash.
    boolean requestPrincipal(String value) {
        if (!(claims.get("iss") instanceof String iss) || !(claims.get("sub") instanceof String sub)) {
            return false;
        }
        int slash = value.lastIndexOf('/');
        String wantedIss = slash < 0 ? value : value.substring(0, slash);
        String wantedSub = slash < 0 ? "" : value.substring(slash + 1);
        if (value.equals("*")) {
            return !iss.isEmpty() && !sub.isEmpty();
        }
        if (value.startsWith("*") && slash >= 0) {
            boolean issuer = wantedIss.equals("*") ? !iss.isEmpty() : iss.endsWith(wantedIss.substring(1));
            return issuer && sub.equals(wantedSub);
        }
        if (value.startsWith("*")) {
            return !iss.isEmpty() && sub.endsWith(value.substring(1));
        }
        if (value.endsWith("*") && slash >= 0) {
            boolean subject = wantedSub.equals("*")
                    ? !sub.isEmpty()
                    : sub.startsWith(wantedSub.substring(0, wantedSub.length() - 1));
            return iss.equals(wantedIss) && subject;
        }
        if (value.endsWith("*")) {
            return iss.startsWith(value.substring(0, value.length() - 1)) && !sub.isEmpty();
        }
        return iss.equals(wantedIss) && sub.equals(wantedSub);
    }

    /// The claim at `path` is a matching text, or a list with one.
    boolean claim(List<String> path, String value) {
        Object found = claims;
        for (String step : path) {
            if (!(found instanceof Map<?, ?> map)) {
                return false;
            }
            found = map.get(step);
        }
        if (path.size() == 1 && (path.contains("scope") || path.contains("permission")) && found instanceof String words) {
            found = List.of(words.split(" "));
        }
        if (found instanceof List<?> list) {
            return list.stream().anyMatch(one -> one instanceof String text && smatch(value, text));
        }
        return found instanceof String text && smatch(value, text);
    }
}
