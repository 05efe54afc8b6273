package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Each walk over an identity agrees with the regular expression that Istio gives Envoy.
class PeerTests {
    private static final String[] PIECES = {"a", "b", "td", "/ns/", "/sa/", "ns", "sa/", "/", "x", "/ns/a/sa/x", "-"};

    @Test
    void namespaces() {
        agree(value -> ".*/ns/" + stars(value) + "/.*", Peer::namespace, "a", "b", "a*", "*b", "a*b", "*", "a/ns",
                "ns");
    }

    @Test
    void serviceAccounts() {
        agree(value -> "spiffe://.+/ns/" + Pattern.quote(value.substring(0, value.indexOf('/'))) + "/(.+/|)sa/"
                        + Pattern.quote(value.substring(value.indexOf('/') + 1)) + "(/.+)?",
                value -> Peer.serviceAccount(value, "none"), "a/x", "b/x", "ns/a", "a/sa");
        assertThat(Peer.serviceAccount("x", "a").test("td/ns/a/sa/x")).isTrue();
        assertThat(Peer.serviceAccount("x", "b").test("td/ns/a/sa/x")).isFalse();
    }

    @Test
    void trustDomains() {
        agree(value -> value.equals("*") ? "spiffe://.*"
                : value.startsWith("*") ? "spiffe://[^/]*" + Pattern.quote(value.substring(1)) + "/.*"
                : value.endsWith("*") ? "spiffe://" + Pattern.quote(value.substring(0, value.length() - 1)) + "[^/]*/.*"
                : "spiffe://" + Pattern.quote(value) + "/.*", Peer::trustDomain, "td", "*", "t*", "*d", "a", "*b",
                        "-*");
    }

    @Test
    void principals() {
        agree(value -> value.equals("*") ? ".+"
                : value.startsWith("*") ? "spiffe://.*" + Pattern.quote(value.substring(1))
                : value.endsWith("*") ? "spiffe://" + Pattern.quote(value.substring(0, value.length() - 1)) + ".*"
                : "spiffe://" + Pattern.quote(value), Peer::principal, "td/ns/a/sa/x", "*", "td*", "*/sa/x", "a",
                        "spiffe://td");
    }

    private static String stars(String value) {
        return Pattern.quote(value).replace("*", "\\E.*\\Q");
    }

    private interface Matchers {
        Predicate<String> of(String value);
    }

    private interface Regex {
        String of(String value);
    }

    private static void agree(Regex regex, Matchers matchers, String... values) {
        SplittableRandom random = new SplittableRandom(3);
        int matched = 0;
        for (String value : values) {
            Pattern pattern = Pattern.compile(regex.of(value));
            Predicate<String> matcher = matchers.of(value);
            for (int i = 0; i < 20_000; i++) {
                StringBuilder principal = new StringBuilder("t");
                int count = 1 + random.nextInt(7);
                for (int p = 0; p < count; p++) {
                    principal.append(PIECES[random.nextInt(PIECES.length)]);
                }
                String text = random.nextInt(3) == 0 ? principal.substring(1) : principal.toString();
                boolean expected = pattern.matcher("spiffe://" + text).matches();
                assertThat(matcher.test(text)).as(value + " on " + text).isEqualTo(expected);
                matched += expected ? 1 : 0;
            }
        }
        assertThat(matched).isGreaterThan(50);
    }
}
