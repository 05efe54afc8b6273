package dev.countersign.conformance;

import dev.countersign.conformance.ConformanceFile.Case;
import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.yaml.PolicyReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// `peerauth-effective.jsonl`: the mode of a workload's port, and whose word it is.
class MutualTlsTests {
    @Test
    void everyEffectiveModeIsIstios() {
        Optional<ConformanceFile> file = ConformanceFile.find("peerauth-effective.jsonl");
        Assumptions.assumeTrue(file.isPresent(), "skipped: no peerauth-effective.jsonl in the folder");
        file.orElseThrow().run(MutualTlsTests::complaint);
    }

    @SuppressWarnings("unchecked")
    private static Optional<String> complaint(Case one) {
        List<PeerAuthentication> policies = new ArrayList<>();
        for (Object policy : one.list("policies")) {
            policies.add(PolicyReader.peerAuthentication((Map<String, Object>) policy)
                    .orElseThrow());
        }
        Map<String, Object> workload = one.map("workload");
        MutualTls effective = MutualTls.effective(
                (String) one.fields().get("rootNamespace"),
                policies,
                (String) workload.get("namespace"),
                (Map<String, String>) workload.get("labels"),
                (Integer) workload.get("port"));
        Map<String, Object> expected = one.map("expected");
        String actual = effective.mode() + " from " + effective.from().name().toLowerCase(Locale.ROOT);
        String wanted = expected.get("mode") + " from " + expected.get("from");
        return actual.equals(wanted) ? Optional.empty() : Optional.of(actual + ", Istio says " + wanted);
    }
}
