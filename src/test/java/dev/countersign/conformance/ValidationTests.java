package dev.countersign.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.conformance.ConformanceFile.Case;
import dev.countersign.policy.check.CheckResult;
import dev.countersign.policy.check.PolicyCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// `validation/*.jsonl`: what Istio's webhook and CRDs say about an object, and by which of the numbered rules.
class ValidationTests {
    @TestFactory
    List<DynamicTest> everyFileOfTheFolder() {
        List<String> files = ConformanceFile.list("validation");
        Assumptions.assumeFalse(files.isEmpty(), "skipped: no validation/ in the folder");
        return files.stream()
                .map(name -> DynamicTest.dynamicTest(
                        name, () -> ConformanceFile.find(name).orElseThrow().run(ValidationTests::complaint)))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Optional<String> complaint(Case one) {
        CheckResult result = PolicyCheck.check(one.map("object"));
        Map<String, Object> expected = one.map("expected");
        Map<String, Object> webhook = (Map<String, Object>) expected.get("webhook");
        Map<String, Object> crd = (Map<String, Object>) expected.get("crd");
        List<String> complaints = new ArrayList<>();
        compare(complaints, "accepted", expected.get("accepted"), result.accepted());
        compare(complaints, "webhook valid", webhook.get("valid"), result.webhookValid());
        compare(complaints, "warning", webhook.get("warning"), result.webhookWarning());
        compare(complaints, "crd valid", crd.get("valid"), result.crdValid());
        compare(
                complaints,
                "rules",
                one.list("rules").stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new)),
                result.istioRules());
        assertThat(result.findings()).allSatisfy(finding -> {
            assertThat(finding.message()).isNotBlank();
            assertThat(finding.advice()).isNotBlank();
        });
        return complaints.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", complaints));
    }

    private static void compare(List<String> complaints, String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            complaints.add(what + " is " + actual + ", Istio says " + expected);
        }
    }
}
