package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.ADDRESS_AS_TOLD;
import static dev.countersign.policy.check.FindingCode.ADDRESS_OF_LAST_HOP;
import static dev.countersign.policy.check.FindingCode.ADMITS_ANONYMOUS;
import static dev.countersign.policy.check.FindingCode.ALLOWS_NOTHING;
import static dev.countersign.policy.check.FindingCode.BEYOND_ZTUNNEL;
import static dev.countersign.policy.check.FindingCode.CLOSED_PORT;
import static dev.countersign.policy.check.FindingCode.CUTS_SCRAPES;
import static dev.countersign.policy.check.FindingCode.DENY_MISSES_PLAINTEXT;
import static dev.countersign.policy.check.FindingCode.EMPTY_FROM;
import static dev.countersign.policy.check.FindingCode.EMPTY_TO;
import static dev.countersign.policy.check.FindingCode.HOST_WITHOUT_PORT;
import static dev.countersign.policy.check.FindingCode.HTTP_ON_TCP;
import static dev.countersign.policy.check.FindingCode.INNER_WILDCARD;
import static dev.countersign.policy.check.FindingCode.MISSES_COLLECTION;
import static dev.countersign.policy.check.FindingCode.ODD_PRINCIPAL;
import static dev.countersign.policy.check.FindingCode.OTHER_TRUST_DOMAIN;
import static dev.countersign.policy.check.FindingCode.OWN_TLS;
import static dev.countersign.policy.check.FindingCode.PATH_SPELT_OTHERWISE;
import static dev.countersign.policy.check.FindingCode.PREFLIGHT_WITHOUT_TOKEN;
import static dev.countersign.policy.check.FindingCode.REACHES_EVERY_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.SAID_BY_KUBECTL;
import static dev.countersign.policy.check.FindingCode.SELECTS_NOTHING;
import static dev.countersign.policy.check.FindingCode.SPIFFE_PREFIX;
import static dev.countersign.policy.check.FindingCode.SPLIT_CALLER;
import static dev.countersign.policy.check.FindingCode.STAR_SUBJECT;
import static dev.countersign.policy.check.FindingCode.TOKEN_NOT_DEMANDED;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_PROVIDER;
import static dev.countersign.policy.check.FindingCode.WIDENS_ON_TCP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.check.CheckContext.KnownWorkload;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.TrustDomains;
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
            Optional.of(List.of(
                    new KnownWorkload("production", Map.of("app", "db"), Map.of(5432, false, 8080, true), DataPlane.SIDECAR, false),
                    new KnownWorkload("production", Map.of("app", "queue"), Map.of(5672, false), DataPlane.SIDECAR, true),
                    new KnownWorkload("production", Map.of("app", "cache"), Map.of(), DataPlane.ZTUNNEL, true))),
            Optional.of(Set.of("opa")),
            "istio-system",
            Optional.of(new TrustDomains("acme.example", List.of("old.example"))));

    private static List<FindingCode> lint(String spec, CheckContext context) {
        return lint("production", spec, context);
    }

    private static List<FindingCode> lint(String namespace, String spec, CheckContext context) {
        return read("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: " + namespace + "}\nspec: " + spec + "\n", context);
    }

    private static List<FindingCode> read(String text, CheckContext context) {
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
        assertThat(lint("{}")).containsExactly(ALLOWS_NOTHING, CUTS_SCRAPES);
        assertThat(lint("{selector: {matchLabels: {app: db}}}")).containsExactly(ALLOWS_NOTHING);
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
    void aNotMatchInAConditionAdmitsThemToo() {
        assertThat(lint("{rules: [{when: [{key: source.namespace, notValues: [dev]}]}]}")).containsExactly(ADMITS_ANONYMOUS);
        assertThat(lint("{rules: [{when: [{key: source.namespace, notValues: [dev]}, {key: source.principal, values: ['*']}]}]}")).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {principals: ['*']}}], when: [{key: source.namespace, notValues: [dev]}]}]}")).isEmpty();
        assertThat(lint("{rules: [{when: [{key: 'request.auth.claims[groups]', notValues: [dev]}]}]}")).containsExactly(ADMITS_ANONYMOUS);
        assertThat(lint("{rules: [{when: [{key: 'request.headers[x]', notValues: [dev]}]}]}")).isEmpty();
    }

    @Test
    void whereMutualTlsIsDemandedNobodyComesWithoutIdentity() {
        String deny = ", action: DENY, rules: [{from: [{source: {namespaces: [production]}}]}]}";
        assertThat(lint("{selector: {matchLabels: {app: db}}" + deny, KNOWN)).containsExactly(DENY_MISSES_PLAINTEXT);
        assertThat(lint("{selector: {matchLabels: {app: queue}}" + deny, KNOWN)).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: queue}}, rules: [{from: [{source: {notNamespaces: [production]}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: queue}}, rules: [{from: [{source: {notRequestPrincipals: [a/b]}}]}]}", KNOWN))
                .contains(ADMITS_ANONYMOUS);
    }

    @Test
    void aDenyOnIdentitiesInAConditionMissesPlaintext() {
        assertThat(lint("{action: DENY, rules: [{when: [{key: source.principal, values: [cluster.local/ns/a/sa/b]}]}]}"))
                .containsExactly(DENY_MISSES_PLAINTEXT);
        assertThat(lint("{action: DENY, rules: [{when: [{key: source.principal, notValues: [cluster.local/ns/a/sa/b]}]}]}")).isEmpty();
    }

    @Test
    void ztunnelSeesConnectionsOnly() {
        String cache = "{selector: {matchLabels: {app: cache}}, ";
        assertThat(lint(cache + "rules: [{to: [{operation: {methods: [GET]}}]}]}", KNOWN)).containsExactly(BEYOND_ZTUNNEL);
        assertThat(lint(cache + "rules: [{when: [{key: connection.sni, values: [a]}]}]}", KNOWN)).containsExactly(BEYOND_ZTUNNEL);
        assertThat(lint(cache + "action: DENY, rules: [{to: [{operation: {ports: ['80'], methods: [GET]}}]}]}", KNOWN)).containsExactly(BEYOND_ZTUNNEL);
        assertThat(lint(cache + "action: AUDIT, rules: [{}]}", KNOWN)).containsExactly(BEYOND_ZTUNNEL);
        assertThat(lint(cache + "rules: [{from: [{source: {trustDomains: [acme.example]}}]}]}", KNOWN)).containsExactly(BEYOND_ZTUNNEL);
        assertThat(lint(cache + "rules: [{from: [{source: {namespaces: [production]}}], to: [{operation: {ports: ['80']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {methods: [GET]}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{targetRefs: [{kind: Service, group: '', name: cache}], rules: [{to: [{operation: {methods: [GET]}}]}]}", KNOWN)).isEmpty();
    }

    @Test
    void anAddressIsThatOfTheLastHopOrOfAHeader() {
        assertThat(from("{ipBlocks: [10.0.0.1, 10.0.0.2]}")).containsExactly(ADDRESS_OF_LAST_HOP);
        assertThat(from("{notRemoteIpBlocks: [10.0.0.0/8]}")).containsExactly(ADDRESS_AS_TOLD);
        assertThat(lint("{rules: [{when: [{key: source.ip, values: [10.0.0.1]}]}]}")).containsExactly(ADDRESS_OF_LAST_HOP);
        assertThat(lint("{rules: [{when: [{key: remote.ip, values: [10.0.0.1]}]}]}")).containsExactly(ADDRESS_AS_TOLD);
        assertThat(lint("{rules: [{when: [{key: destination.ip, values: [10.0.0.1]}]}]}")).isEmpty();
    }

    @Test
    void aPathThatIsRefusedCanBeSpeltOtherwise() {
        assertThat(lint("{action: DENY, rules: [{to: [{operation: {ports: ['80'], paths: [/admin]}}]}]}")).containsExactly(PATH_SPELT_OTHERWISE);
        assertThat(lint("{rules: [{to: [{operation: {notPaths: [/admin]}}]}]}")).containsExactly(PATH_SPELT_OTHERWISE);
        assertThat(lint("{action: DENY, rules: [{to: [{operation: {ports: ['80'], paths: ['/*']}}]}]}")).isEmpty();
        assertThat(lint("{action: DENY, rules: [{to: [{operation: {ports: ['80'], notPaths: [/public]}}]}]}")).isEmpty();
    }

    @Test
    void aPreflightCallHasNoToken() {
        String token = "{rules: [{from: [{source: {requestPrincipals: ['*']}}], to: [{operation: {methods: ";
        assertThat(lint(token + "[GET, OPTIONS]}}]}]}")).containsExactly(PREFLIGHT_WITHOUT_TOKEN);
        assertThat(lint(token + "[GET]}}]}]}")).isEmpty();
        assertThat(lint("{rules: [{when: [{key: 'request.auth.claims[iss]', values: [a]}]}]}")).containsExactly(PREFLIGHT_WITHOUT_TOKEN);
    }

    @Test
    void aPatternWithClusterLocalIsNotTranslated() {
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local/ns/production/*']}}]}]}", KNOWN)).containsExactly(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{when: [{key: source.principal, values: ['cluster.local/*']}]}]}", KNOWN)).containsExactly(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local/ns/production/sa/a', 'acme.example/ns/production/*']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local/ns/production/*']}}]}]}")).isEmpty();
    }

    @Test
    void aWholeIdentityIsTranslatedAlsoWhereItsAccountIsAStar() {
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local/ns/production/sa/*']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{rules: [{when: [{key: source.principal, values: ['cluster.local/ns/production/sa/a*']}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local*']}}]}]}", KNOWN)).containsExactly(OTHER_TRUST_DOMAIN);
    }

    @Test
    void aTrustDomainThatIsNotTheMeshsIsTold() {
        assertThat(lint("{rules: [{from: [{source: {principals: ['other.example/ns/production/sa/a']}}]}]}", KNOWN)).containsExactly(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{when: [{key: source.principal, notValues: ['other.example/ns/production/sa/a']}]}]}", KNOWN)).contains(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{from: [{source: {principals: ['old.example/ns/production/sa/a']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {principals: ['*/ns/production/sa/a']}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {trustDomains: [other.example, old.example]}}]}]}", KNOWN)).contains(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{from: [{source: {principals: ['other.example/ns/production/sa/a']}}]}]}")).isEmpty();
    }

    @Test
    void whereClusterLocalIsAnAliasItIsTranslated() {
        CheckContext aliased = new CheckContext(Optional.empty(), Optional.empty(), Optional.empty(), "istio-system",
                Optional.of(new TrustDomains("acme.example", List.of("cluster.local"))));
        assertThat(lint("{rules: [{from: [{source: {principals: ['cluster.local/ns/production/*']}}]}]}", aliased)).isEmpty();
        assertThat(lint("{rules: [{from: [{source: {trustDomains: [cluster.local]}}]}]}", aliased)).doesNotContain(OTHER_TRUST_DOMAIN);
    }

    @Test
    void amongTrustDomainsClusterLocalStandsForNoOther() {
        assertThat(lint("{rules: [{from: [{source: {trustDomains: [cluster.local]}}]}]}", KNOWN)).contains(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{when: [{key: source.trustDomain, notValues: [cluster.local]}]}]}", KNOWN)).contains(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{from: [{source: {trustDomains: [acme.example]}}]}]}", KNOWN)).doesNotContain(OTHER_TRUST_DOMAIN);
        assertThat(lint("{rules: [{from: [{source: {trustDomains: [cluster.local]}}]}]}")).isEmpty();
    }

    @Test
    void tokensAndHeadersDoNotExistWhereEveryPortCarriesTcp() {
        String queue = "{selector: {matchLabels: {app: queue}}, rules: [";
        assertThat(lint(queue + "{when: [{key: 'request.headers[x-channel]', values: [a]}]}]}", KNOWN)).containsExactly(HTTP_ON_TCP);
        assertThat(lint(queue + "{from: [{source: {requestPrincipals: ['*']}}]}]}", KNOWN)).contains(HTTP_ON_TCP);
        assertThat(lint(queue + "{when: [{key: source.namespace, values: [production]}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: db}}, rules: [{when: [{key: 'request.headers[x-channel]', values: [a]}]}]}", KNOWN)).isEmpty();
    }

    @Test
    void aSelectorInTheRootNamespaceReachesPodsBehindZtunnel() {
        assertThat(lint("istio-system", "{selector: {matchLabels: {app: cache}}, rules: [{}]}", KNOWN)).containsExactly(REACHES_EVERY_NAMESPACE);
        assertThat(lint("istio-system", "{rules: [{}]}", KNOWN)).isEmpty();
        assertThat(lint("istio-system", "{selector: {matchLabels: {app: cache}}, rules: [{}]}", CheckContext.NOTHING_KNOWN)).isEmpty();
    }

    /// It selects of the whole mesh, of which only a part is known: that all we know demand mutual TLS proves nothing.
    @Test
    void ofAPolicyOfTheRootNamespaceNothingIsTakenForKnown() {
        assertThat(lint("istio-system", "{selector: {matchLabels: {app: queue}}, action: DENY, rules: [{from: [{source: {namespaces: [production]}}]}]}", KNOWN))
                .contains(DENY_MISSES_PLAINTEXT);
        assertThat(lint("istio-system", "{selector: {matchLabels: {app: nobody}}, rules: [{}]}", KNOWN)).doesNotContain(SELECTS_NOTHING);
    }

    @Test
    void otherKindsAreComparedWithTheClusterToo() {
        assertThat(kind("PeerAuthentication", "{selector: {matchLabels: {app: db}}, portLevelMtls: {9: {mode: STRICT}}}")).containsExactly(CLOSED_PORT);
        assertThat(kind("PeerAuthentication", "{selector: {matchLabels: {app: db}}, portLevelMtls: {8080: {mode: STRICT}}}")).isEmpty();
        assertThat(kind("PeerAuthentication", "{selector: {matchLabels: {app: nobody}}, mtls: {mode: STRICT}}")).containsExactly(SELECTS_NOTHING);
        assertThat(kind("RequestAuthentication", "{jwtRules: [{issuer: a}]}")).containsExactly(TOKEN_NOT_DEMANDED);
        assertThat(kind("RequestAuthentication", "{}")).isEmpty();
        assertThat(kind("DestinationRule", "{host: a, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}")).containsExactly(OWN_TLS);
        assertThat(kind("DestinationRule", "{host: a, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}}")).containsExactly(OWN_TLS);
        assertThat(kind("DestinationRule", "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}")).isEmpty();
    }

    private static List<FindingCode> kind(String kind, String spec) {
        String group = kind.equals("DestinationRule") ? "networking" : "security";
        return read("apiVersion: " + group + ".istio.io/v1\nkind: " + kind + "\nmetadata: {name: p, namespace: production}\nspec: " + spec + "\n", KNOWN);
    }

    @Test
    void aDenyOnIdentitiesMissesPlaintext() {
        assertThat(lint("{action: DENY, rules: [{from: [{source: {namespaces: [dev]}}]}]}"))
                .containsExactly(DENY_MISSES_PLAINTEXT);
    }

    @Test
    void anySubjectIsWrittenWithOneStar() {
        assertThat(from("{requestPrincipals: ['*/*']}")).containsExactly(PREFLIGHT_WITHOUT_TOKEN, STAR_SUBJECT);
        assertThat(from("{requestPrincipals: ['*', 'issuer/*']}")).containsExactly(PREFLIGHT_WITHOUT_TOKEN);
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
        assertThat(lint("{selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {notPorts: ['9']}}]}]}", KNOWN)).containsExactly(CLOSED_PORT);
        assertThat(lint("{selector: {matchLabels: {app: db}}, rules: [{when: [{key: destination.port, values: ['9']}]}]}", KNOWN)).containsExactly(CLOSED_PORT);
        assertThat(lint("{selector: {matchLabels: {app: queue}}, rules: [{to: [{operation: {methods: [GET]}}]}]}", KNOWN)).containsExactly(HTTP_ON_TCP);
        assertThat(lint("{selector: {matchLabels: {app: db}}, rules: [{to: [{operation: {methods: [GET]}}]}]}", KNOWN)).isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: cache}}, rules: [{to: [{operation: {ports: ['9']}}]}]}", KNOWN)).as("no port is declared").isEmpty();
        assertThat(lint("{selector: {matchLabels: {app: nobody}}, rules: [{}]}", KNOWN))
                .containsExactly(SELECTS_NOTHING);
        assertThat(lint("{rules: [{from: [{source: {namespaces: [prod]}}]}]}", KNOWN))
                .containsExactly(UNKNOWN_NAMESPACE);
        assertThat(lint("{selector: {matchLabels: {app: db}}, action: CUSTOM, provider: {name: oauth}, rules: [{}]}", KNOWN))
                .containsExactly(UNKNOWN_PROVIDER);
        assertThat(lint("{selector: {matchLabels: {app: db}}, action: CUSTOM, provider: {name: opa}, rules: [{}]}", KNOWN))
                .isEmpty();
    }

    @Test
    void aWordThatKubectlReadsOtherwiseIsAFinding() {
        assertThat(lint("{rules: [{to: [{operation: {methods: [on]}}]}]}")).containsExactly(SAID_BY_KUBECTL);
    }
}
