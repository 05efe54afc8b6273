package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.J1;
import static dev.countersign.policy.check.FindingCode.J12;
import static dev.countersign.policy.check.FindingCode.J2;
import static dev.countersign.policy.check.FindingCode.J3;
import static dev.countersign.policy.check.FindingCode.J4;
import static dev.countersign.policy.check.FindingCode.J5;
import static dev.countersign.policy.check.FindingCode.J6;
import static dev.countersign.policy.check.FindingCode.J7;
import static dev.countersign.policy.check.FindingCode.J8;
import static dev.countersign.policy.check.FindingCode.J9;

import dev.countersign.policy.check.KeySets.KeySet;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/// J1 to J12, and what the policy attaches to.
final class RequestAuthenticationChecks {
    private static final Pattern HEADER = Pattern.compile("[-_A-Za-z0-9]+");

    private RequestAuthenticationChecks() {}

    static void check(Node spec, Findings findings) {
        SelectorChecks.check(spec, findings);
        spec.get("jwtRules").items().forEach(rule -> rule(rule, findings));
    }

    private static void rule(Node rule, Findings findings) {
        noneEmpty(rule.get("audiences"), J1, "an audience is empty", findings);
        Node uri = rule.get("jwksUri");
        if (rule.get("issuer").text().isEmpty() && uri.text().isEmpty()) {
            findings.add(J2, rule, "the rule names neither issuer nor jwksUri");
        }
        if (!uri.text().isEmpty() && !isHttp(uri.text())) {
            findings.add(J3, uri, "\"" + uri.text() + "\" is neither http nor https");
        }
        keys(rule.get("jwks"), findings);
        for (Node header : rule.get("fromHeaders").items()) {
            if (header.get("name").text().isEmpty()) {
                findings.add(J5, header, "the header has no name");
            }
        }
        noneEmpty(rule.get("fromParams"), J6, "a query parameter is empty", findings);
        noneEmpty(rule.get("fromCookies"), J7, "a cookie name is empty", findings);
        rule.get("outputClaimToHeaders").items().forEach(claim -> claim(claim, findings));
        Durations.check(rule.get("timeout"), findings);
    }

    private static void keys(Node jwks, Findings findings) {
        if (jwks.text().isEmpty()) {
            return;
        }
        Optional<KeySet> keys = KeySets.parse(jwks.text());
        if (keys.isEmpty()) {
            findings.add(J4, jwks, "the text is not a JSON key set");
        } else if (keys.get().secret()) {
            findings.add(J12, jwks, "the key set holds a private or symmetric key");
        }
    }

    private static void claim(Node claim, Findings findings) {
        String header = claim.get("header").text();
        if (header.isEmpty() || claim.get("claim").text().isEmpty()) {
            findings.add(J8, claim, "header or claim is missing");
        } else if (!HEADER.matcher(header).matches()) {
            findings.add(J9, claim.get("header"), "\"" + header + "\" is not a header name");
        }
    }

    private static void noneEmpty(Node list, FindingCode code, String message, Findings findings) {
        list.items().stream().filter(item -> item.text().isEmpty()).forEach(item -> findings.add(code, item, message));
    }

    private static boolean isHttp(String text) {
        try {
            String scheme = new URI(text).getScheme();
            return "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        } catch (URISyntaxException malformed) {
            return false;
        }
    }
}
