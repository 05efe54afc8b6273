package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.ADMITS_ANONYMOUS;
import static dev.countersign.policy.check.FindingCode.ALLOWS_NOTHING;
import static dev.countersign.policy.check.FindingCode.CLOSED_PORT;
import static dev.countersign.policy.check.FindingCode.DENY_MISSES_PLAINTEXT;
import static dev.countersign.policy.check.FindingCode.EMPTY_FROM;
import static dev.countersign.policy.check.FindingCode.EMPTY_TO;
import static dev.countersign.policy.check.FindingCode.HOST_WITHOUT_PORT;
import static dev.countersign.policy.check.FindingCode.HTTP_ON_TCP;
import static dev.countersign.policy.check.FindingCode.INNER_WILDCARD;
import static dev.countersign.policy.check.FindingCode.MISSES_COLLECTION;
import static dev.countersign.policy.check.FindingCode.ODD_PRINCIPAL;
import static dev.countersign.policy.check.FindingCode.SAID_BY_KUBECTL;
import static dev.countersign.policy.check.FindingCode.SELECTS_NOTHING;
import static dev.countersign.policy.check.FindingCode.SPIFFE_PREFIX;
import static dev.countersign.policy.check.FindingCode.SPLIT_CALLER;
import static dev.countersign.policy.check.FindingCode.STAR_SUBJECT;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_PROVIDER;
import static dev.countersign.policy.check.FindingCode.WIDENS_ON_TCP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.check.CheckContext.KnownWorkload;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyLintTests {
    private static final CheckContext KNOWN = new CheckContext(
            Optional.of(Set.of("production", "istio-system")),
            Optional.of(List.of(new KnownWorkload("production", Map.of("app", "db"), Map.of(5432, false, 8080, true)))),
            Optional.of(Set.of("opa")),
            "istio-system");

    private static List<FindingCode> lint(String spec, CheckContext context) {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
                + "metadata: {name: p, namespace: production}\nspec: " + spec + "\n";
        if (!(PolicyReader.read(text) instanceof Reading.Read(var documents))) {
            throw new AssertionError("unreadable: " + text);
        }
        return PolicyCheck.check(documents.getFirst(), context).findings().stream()
                .filter(finding -> finding.layer() == Layer.LINT)
                .map(Finding::code)
                .toList();
    }

    private static List<FindingCode> lint(String spec) {
        return lint(spec, CheckContext.NOTHING_KNOWN);
    }

    private static List<FindingCode> from(String source) {
        return lint("{rules: [{from: [{source: " + source + "}]}]}");
    }

    private static List<FindingCode> to(String operation) {
        return lint("{rules: [{to: [{operation: " + operation + "}]}]}");
    }

    @Test
    void anEmptyListMeansAnyone() {
        assertThat(lint("{rules: [{from: [], to: []}]}")).containsExactly(EMPTY_FROM, EMPTY_TO);
        assertThat(lint("{rules: [{}]}")).isEmpty();
    }

    @Test
    void anAllowWithoutRulesIsSaidToAllowNothing() {
        assertThat(lint("{}")).containsExactly(ALLOWS_NOTHING);
        assertThat(lint("{action: AUDIT}")).isEmpty();
    }

    @Test
    void aPrincipalIsAnIdentityWithoutItsScheme() {
        assertThat(from("{principals: ['spiffe://cluster.local/ns/a/sa/b']}")).containsExactly(SPIFFE_PREFIX);
        assertThat(from("{principals: [order-service]}")).containsExactly(ODD_PRINCIPAL);
        assertThat(from("{principals: ['cluster.local/ns/a/sa/b', '*/sa/b', 'cluster.local/*', '*']}"))
                .isEmpty();
    }

    @Test
    void aStarIsAWildcardOnlyAtOneEnd() {
        assertThat(from("{principals: ['cluster.local/ns/*/sa/b']}")).containsExactly(INNER_WILDCARD);
        assertThat(to("{hosts: ['*x*']}")).containsExactly(INNER_WILDCARD);
        assertThat(to("{paths: ['/a/*/b']}")).containsExactly(INNER_WILDCARD);
        assertThat(to("{paths: ['/a/{*}/b', '*/b', '/c*']}")).isEmpty();
        assertThat(from("{namespaces: ['a*b']}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"a/{*},REFUSED_TEMPLATE", "{*},REFUSED_TEMPLATE", "//a/{*},REFUSED_TEMPLATE", "api/v1,RELATIVE_PATH"})
    void aPathBeginsWithOneSlash(String path, FindingCode code) {
        assertThat(to("{paths: ['" + path + "']}")).containsExactly(code);
        assertThat(to("{paths: ['/a/{*}', '/api/v1', '*.html', '*']}")).isEmpty();
    }

    @Test
    void aPrefixWithASlashMissesTheCollection() {
        assertThat(to("{paths: ['/api/*']}")).containsExactly(MISSES_COLLECTION);
        assertThat(to("{paths: ['/api/{**}']}")).containsExactly(MISSES_COLLECTION);
        assertThat(to("{paths: ['/api/*', '/api']}")).isEmpty();
        assertThat(to("{paths: ['/*']}")).isEmpty();
    }

    @Test
    void aHostIsComparedWithItsPort() {
        assertThat(to("{hosts: [payments]}")).containsExactly(HOST_WITHOUT_PORT);
        assertThat(to("{hosts: [payments, 'payments:*']}")).isEmpty();
        assertThat(to("{hosts: ['*.example.com']}")).isEmpty();
    }

    @Test
    void aNotMatchInAnAllowAdmitsWhoHasNoIdentity() {
        assertThat(from("{notNamespaces: [dev]}")).containsExactly(ADMITS_ANONYMOUS);
        assertThat(from("{notNamespaces: [dev], principals: ['*']}")).isEmpty();
        assertThat(from("{notRequestPrincipals: [x/y]}")).containsExactly(ADMITS_ANONYMOUS);
        assertThat(lint("{action: DENY, rules: [{from: [{source: {notPrincipals: ['*']}}]}]}"))
                .isEmpty();
    }

    @Test
    void aDenyOnIdentitiesMissesPlaintext() {
        assertThat(lint("{action: DENY, rules: [{from: [{source: {namespaces: [dev]}}]}]}"))
                .containsExactly(DENY_MISSES_PLAINTEXT);
    }

    @Test
    void anySubjectIsWrittenWithOneStar() {
        assertThat(from("{requestPrincipals: ['*/*']}")).containsExactly(STAR_SUBJECT);
        assertThat(from("{requestPrincipals: ['*', 'issuer/*']}")).isEmpty();
    }

    @Test
    void aDashTooManySplitsCallersFromOperations() {
        assertThat(lint("{rules: [{from: [{source: {namespaces: [a]}}]}, {to: [{operation: {methods: [GET]}}]}]}"))
                .containsExactly(SPLIT_CALLER);
        assertThat(lint("{rules: [{from: [{source: {namespaces: [a]}}]}, {from: [{source: {namespaces: [b]}}]}]}"))
                .isEmpty();
    }

    @Test
    void aDenyThatTheWebhookPassesOverStillWidensOnTcp() {
        assertThat(lint("{action: DENY, rules: [{to: [{operation: {ports: ['80']}}, {operation: {methods: [GET]}}]}]}"))
                .containsExactly(WIDENS_ON_TCP);
        assertThat(lint("{action: DENY, rules: [{when: [{key: 'request.headers[x]', values: [a]}]}]}"))
                .containsExactly(WIDENS_ON_TCP);
        assertThat(lint("{action: DENY, rules: [{to: [{operation: {ports: ['80'], methods: [GET]}}]}]}"))
                .isEmpty();
    }

    @Test
    void theClusterIsAskedWhereItIsKnown() {
        String selected = "{selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {methods: [GET], ports: ";
        assertThat(lint(selected + "['9']}}]}]}", KNOWN)).containsExactly(CLOSED_PORT);
        assertThat(lint(selected + "['5432']}}]}]}", KNOWN)).containsExactly(HTTP_ON_TCP);
        assertThat(lint(selected + "['8080']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint(selected + "['9']}}]}]}")).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: nobody}}, rules: [{}]}", KNOWN))
                .containsExactly(SELECTS_NOTHING);
        assertThat(lint("{rules: [{from: [{source: {namespaces: [prod]}}]}]}", KNOWN))
                .containsExactly(UNKNOWN_NAMESPACE);
        assertThat(lint("{action: CUSTOM, provider: {name: oauth}, rules: [{}]}", KNOWN))
                .containsExactly(UNKNOWN_PROVIDER);
        assertThat(lint("{action: CUSTOM, provider: {name: opa}, rules: [{}]}", KNOWN))
                .isEmpty();
    }

    @Test
    void aWordThatKubectlReadsOtherwiseIsAFinding() {
        assertThat(lint("{rules: [{to: [{operation: {methods: [on]}}]}]}")).containsExactly(SAID_BY_KUBECTL);
    }
}
