package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenTests {
    private static final Map<String, Object> ANN = Map.of("iss", "https://idp/realm", "sub", "ann");

    @Test
    void aRequestPrincipalIsSplitAtTheLastSlash() {
        assertThat(is("https://idp/realm/ann", ANN)).isTrue();
        assertThat(is("https://idp/ann", ANN)).isFalse();
        assertThat(is("https://idp/realm/*", ANN)).isTrue();
        assertThat(is("https://idp/realm/a*", ANN)).isTrue();
        assertThat(is("https://idp*", ANN)).isFalse();
    }

    @Test
    void aStarAloneNeedsIssuerAndSubject() {
        assertThat(is("*", ANN)).isTrue();
        assertThat(is("*", Map.of("iss", "a"))).isFalse();
        assertThat(is("*", Map.of("iss", "a", "sub", ""))).isFalse();
        assertThat(is("*", Map.of("iss", "a", "sub", 7))).isFalse();
    }

    @Test
    void aLeadingStarLeavesTheSubjectExact() {
        assertThat(is("*/ann", ANN)).isTrue();
        assertThat(is("*realm/ann", ANN)).isTrue();
        assertThat(is("*idp/ann", ANN)).isFalse();
        assertThat(is("*/*", ANN)).isFalse();
        assertThat(is("*/*", Map.of("iss", "i", "sub", "*"))).isTrue();
        assertThat(is("*nn", ANN)).isTrue();
    }

    @Test
    void anIssuerPrefixTakesAnySubject() {
        assertThat(is("iss*", Map.of("iss", "issuer", "sub", "x"))).isTrue();
        assertThat(is("iss*", Map.of("iss", "issuer", "sub", ""))).isFalse();
        assertThat(is("iss", Map.of("iss", "iss", "sub", "x"))).isFalse();
    }

    @Test
    void aClaimIsAStringOrAListWithOne() {
        assertThat(claim("dev", Map.of("groups", List.of("ops", "dev")))).isTrue();
        assertThat(claim("d*", Map.of("groups", "dev"))).isTrue();
        assertThat(claim("true", Map.of("groups", true))).isFalse();
        assertThat(claim("7", Map.of("groups", List.of(7)))).isFalse();
        assertThat(claim("*", Map.of())).isFalse();
    }

    @Test
    void scopesAreSplitOnSpaces() {
        var scope = Token.claim(List.of("scope"), "read");
        assertThat(scope.test(Map.of("scope", "read write"))).isTrue();
        assertThat(Token.claim(List.of("scope"), "read write").test(Map.of("scope", "read write"))).isFalse();
        assertThat(Token.claim(List.of("other"), "read write").test(Map.of("other", "read write"))).isTrue();
    }

    @Test
    void aNestedClaimIsFoundByItsKeys() {
        assertThat(Token.path("request.auth.claims[a][b]")).containsExactly("a", "b");
        assertThat(Token.path("request.auth.claims[a.b]")).containsExactly("a.b");
        assertThat(Token.claim(List.of("a", "b"), "x").test(Map.of("a", Map.of("b", List.of("x"))))).isTrue();
        assertThat(Token.claim(List.of("a", "b"), "x").test(Map.of("a", "x"))).isFalse();
    }

    private static boolean is(String value, Map<String, Object> claims) {
        return Token.requestPrincipal(value).test(claims);
    }

    private static boolean claim(String value, Map<String, Object> claims) {
        return Token.claim(List.of("groups"), value).test(claims);
    }
}
