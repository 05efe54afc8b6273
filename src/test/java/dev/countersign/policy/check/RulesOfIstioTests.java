package dev.countersign.policy.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.Tree;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rules that the project's copy of Istio's cases does not reach, and the order in which istiod stops.
class RulesOfIstioTests {
    private static String rules(String kind, String metadata, String spec) {
        String group = kind.endsWith("Policy") || kind.endsWith("Authentication") ? "security" : "networking";
        String version = kind.equals("EnvoyFilter") ? "v1alpha3" : "v1";
        String text = "apiVersion: " + group + ".istio.io/" + version + "\nkind: " + kind + "\nmetadata: " + metadata
                + "\nspec: " + spec + "\n";
        if (!(PolicyReader.read(text) instanceof Reading.Read(var documents))) {
            throw new AssertionError("unreadable: " + text);
        }
        return String.join(" ", PolicyCheck.check(documents.getFirst().tree()).istioRules());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            quoteCharacter = '`',
            value = {
                "EnvoyFilter     | {configPatches: [{patch: {operation: REMOVE}}]} | E1 E2",
                "EnvoyFilter     | {configPatches: [{applyTo: CLUSTER, match: {proxy: {proxyVersion: '('}}, patch:"
                        + " {operation: REMOVE}}]} | E1 E4",
                "EnvoyFilter     | {configPatches: [{applyTo: CLUSTER, match: {proxy: {proxyVersion: '(?=1)'}}, patch:"
                        + " {operation: REMOVE}}]} | E1 E4",
                "EnvoyFilter     | {workloadSelector: {labels: {a: '*'}}} | C9 S3",
                "DestinationRule | {host: a, trafficPolicy: {tunnel: {targetHost: b, targetPort: 1}, proxyProtocol:"
                        + " {version: V1}}} | D3",
                "DestinationRule | {host: a, trafficPolicy: {tls: {mode: NONE}}} | C2 M5",
                "DestinationRule | {host: a, trafficPolicy: {connectionPool: {http: {maxRetries: '3'}}}} | C3",
                "DestinationRule | {host: a, trafficPolicy: {connectionPool: {http: {maxRetries: 3000000000}}}} | M5",
                "RequestAuthentication | {jwtRules: [null]} | C3 J2",
                "PeerAuthentication | {selector: {matchLabels: {a: b}}, portLevelMtls: {'080': {}}} | M5",
                "PeerAuthentication | {selector: {matchLabels: {a: b}}, portLevelMtls: {'70000': {}}} | C9 P3",
                "Sidecar         | {egress: [{hosts: ['./*']}], outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}"
                        + " | C2 K6",
            })
    void everyRuleFiresWhereItShould(String kind, String spec, String expected) {
        String rules = rules(kind, "{name: n, namespace: ns}", spec);

        assertThat(rules).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "internal.istio.io/webhook-always-reject,M4",
        "internal.istio.io/parents,M4",
        "example.com/anything,''",
    })
    void istiosOwnAnnotationsAreRefused(String annotation, String expected) {
        String metadata = "{name: n, namespace: ns, annotations: {'" + annotation + "': x}}";

        assertThat(rules("AuthorizationPolicy", metadata, "{rules: [{}]}")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"ns/sa/x,A15", "/sa,A15", "ns/,A15", "*/a/b,A14", "sa,''"})
    void aServiceAccountIsToldItsFirstFault(String account, String expected) {
        assertThat(rules(
                        "AuthorizationPolicy",
                        "{name: n, namespace: ns}",
                        "{rules: [{from: [{source: {serviceAccounts: ['" + account + "']}}]}]}"))
                .isEqualTo(expected);
    }

    @Test
    void aServiceAccountOf321CharactersIsTooLongForBothLayers() {
        assertThat(rules(
                        "AuthorizationPolicy",
                        "{name: n, namespace: ns}",
                        "{rules: [{from: [{source: {serviceAccounts: ['n/" + "a".repeat(319) + "']}}]}]}"))
                .isEqualTo("A16 C4");
    }

    @ParameterizedTest
    @CsvSource({
        "::1,true", "::,true", "1::8,true", "fe80::1%eth0,true", "::ffff:1.2.3.4,true", "1:2:3:4:5:6:7:8,true",
        "1:2:3:4:5:6:7,false", "1::2::3,false", "12345::,false", "1.2.3.4%eth0,false", "1.2.3,false", "01.2.3.4,false",
        "1.2.3.256,false", "1::2:3:4:5:6:7:8,false", "fe80::1%,false", "1:2:3:4:5:6:1.2.3.4,true", ":1,false",
                "'',false",
    })
    void addressesAreReadAsGoReadsThem(String text, boolean valid) {
        assertThat(Addresses.isAddress(text)).isEqualTo(valid);
    }

    @Test
    void anAcceptedObjectIsOneThatTheReaderUnderstands() throws Exception {
        var json = tools.jackson.databind.json.JsonMapper.builder().build();
        for (String file : List.of(
                "authorizationpolicy",
                "peerauthentication",
                "requestauthentication",
                "destinationrule",
                "envoyfilter",
                "sidecar")) {
            var path = java.nio.file.Path.of("src/test/resources/conformance/validation/" + file + ".jsonl");
            for (String line : java.nio.file.Files.readAllLines(path)) {
                Map<?, ?> one = json.readValue(line, Map.class);
                Map<String, Object> tree = new LinkedHashMap<>(Tree.copyOf((Map<?, ?>) one.get("object")));
                if (PolicyCheck.check(tree).accepted()) {
                    assertThat(PolicyReader.decode(tree))
                            .as(line)
                            .isInstanceOf(dev.countersign.policy.yaml.Decoding.Understood.class);
                }
            }
        }
    }
}
