package dev.countersign.policy.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrdSchemaTests {
    private static List<Finding> validate(String kind, String spec) {
        if (!(PolicyReader.read("metadata: {name: a}\n" + spec) instanceof Reading.Read(var documents))) {
            throw new AssertionError("unreadable: " + spec);
        }
        return CrdSchema.validate(kind, documents.getFirst().tree());
    }

    @Test
    void anUnknownFieldIsToldApart() {
        List<Finding> findings = validate("AuthorizationPolicy", "spec: {rules: [{form: []}], action: Deny}");

        assertThat(findings).extracting(Finding::path).containsExactly("spec.action", "spec.rules[0].form");
        assertThat(findings).extracting(CrdSchema::isUnknownField).containsExactly(false, true);
    }

    @Test
    void whatIsMalformedSuppressesTheCrossFieldRules() {
        String both = "spec: {selector: {matchLabels: {a: b}}, targetRefs: []%s}";

        assertThat(validate("AuthorizationPolicy", both.formatted("")))
                .extracting(Finding::code)
                .containsExactly(FindingCode.C6);
        assertThat(validate("AuthorizationPolicy", both.formatted(", action: deny")))
                .extracting(Finding::code)
                .containsExactly(FindingCode.C2);
    }

    @Test
    void limitsAreInclusive() {
        String accounts = "spec: {rules: [{from: [{source: {serviceAccounts: [%s]}}]}]}";

        assertThat(validate("AuthorizationPolicy", accounts.formatted("a,".repeat(16))))
                .isEmpty();
        assertThat(validate("AuthorizationPolicy", accounts.formatted("a,".repeat(17))))
                .extracting(Finding::code, Finding::path)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        FindingCode.C4, "spec.rules[0].from[0].source.serviceAccounts"));
    }

    @Test
    void theServersOwnFieldsAndOtherKindsAreLeftAlone() {
        assertThat(validate("AuthorizationPolicy", "spec: {}\nstatus: {anything: 1}"))
                .isEmpty();
        assertThat(validate("Deployment", "spec: {anything: 1}")).isEmpty();
        assertThat(CrdSchema.validate("PeerAuthentication", Map.of())).isEmpty();
    }

    @Test
    void anOpenObjectHoldsAnything() {
        assertThat(validate(
                        "EnvoyFilter",
                        "spec: {configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {x: [1]}}}]}"))
                .isEmpty();
    }
}
