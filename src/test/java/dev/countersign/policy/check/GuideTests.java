package dev.countersign.policy.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Who pastes the guide's four manifests learns which of them Istio refuses or misunderstands, and the corrected form.
class GuideTests {
    private static List<Document> read(String text) {
        return switch (PolicyReader.read(text)) {
            case Reading.Read(var documents) -> documents;
            case Reading.Refused refused -> throw new AssertionError(refused.sentence());
        };
    }

    private static CheckResult manifest(int number) throws IOException {
        Document document = read(Files.readString(Path.of("src", "test", "resources", "policy", "guide.yaml")))
                .get(number);
        return PolicyCheck.check(document, CheckContext.NOTHING_KNOWN);
    }

    private static Finding finding(CheckResult result, FindingCode code) {
        return result.findings().stream()
                .filter(one -> one.code() == code)
                .findFirst()
                .orElseThrow();
    }

    /// The documents that an advice shows after its first line.
    private static List<Document> corrected(Finding finding) {
        return read(finding.advice().substring(finding.advice().indexOf('\n')));
    }

    @Test
    void strictForTheMeshIsRight() throws IOException {
        assertThat(manifest(0).findings()).isEmpty();
    }

    @Test
    void portModesWithoutASelectorAreRefusedByBothLayersAndSplitInTwo() throws IOException {
        CheckResult result = manifest(1);

        assertThat(result.accepted()).isFalse();
        assertThat(result.istioRules()).containsExactly("C8", "P1");
        Finding finding = finding(result, FindingCode.PORTS_WITHOUT_SELECTOR);
        assertThat(finding.path()).isEqualTo("spec.portLevelMtls");
        List<Document> corrected = corrected(finding);
        assertThat(corrected)
                .hasSize(2)
                .allSatisfy(document -> assertThat(PolicyCheck.check(document, CheckContext.NOTHING_KNOWN)
                                .findings())
                        .isEmpty());
        assertThat(corrected.get(0).decoding().as(PeerAuthentication.class)).hasValueSatisfying(policy -> {
            assertThat(policy.mode()).isEqualTo(TlsMode.STRICT);
            assertThat(policy.target()).isEqualTo(Target.EVERYTHING);
            assertThat(policy.ports()).isEmpty();
        });
        assertThat(corrected.get(1).decoding().as(PeerAuthentication.class))
                .hasValueSatisfying(policy -> assertThat(policy.ports()).isEqualTo(Map.of(9090, TlsMode.PERMISSIVE)));
    }

    @Test
    void thePaymentPolicyIsAcceptedAndMissesItsCollections() throws IOException {
        CheckResult result = manifest(2);

        assertThat(result.accepted()).isTrue();
        assertThat(result.findings())
                .extracting(Finding::code)
                .containsExactly(FindingCode.MISSES_COLLECTION, FindingCode.MISSES_COLLECTION);
        assertThat(result.findings().getFirst().path()).isEqualTo("spec.rules[0].to[0].operation.paths[0]");
        List<Document> corrected = corrected(result.findings().getFirst());
        assertThat(corrected).singleElement().satisfies(document -> {
            assertThat(PolicyCheck.check(document, CheckContext.NOTHING_KNOWN).findings()).isEmpty();
            assertThat(document.tree().toString()).contains("[/api/v1/payments, /api/v1/payments/*, /api/v1/refunds, /api/v1/refunds/*]", "order-service", "billing-service");
        });
        assertThat(result.findings().getLast().advice()).as("one text corrects both").doesNotContain("\n");
    }

    @Test
    void theExplicitDenyIsAcceptedAndNeverLetsACallInAgain() throws IOException {
        CheckResult result = manifest(3);

        assertThat(result.accepted()).isTrue();
        Finding finding = finding(result, FindingCode.DENIES_EVERYTHING);
        assertThat(finding.path()).isEqualTo("spec.rules[0]");
        Document corrected = corrected(finding).getFirst();
        assertThat(corrected.tree().get("spec")).isEqualTo(Map.of());
        assertThat(corrected.decoding().as(AuthorizationPolicy.class))
                .hasValueSatisfying(
                        policy -> assertThat(policy.metadata().key()).isEqualTo("production/deny-by-default"));
    }
}
