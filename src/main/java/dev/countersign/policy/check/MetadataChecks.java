package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.M1;
import static dev.countersign.policy.check.FindingCode.M2;
import static dev.countersign.policy.check.FindingCode.M3;
import static dev.countersign.policy.check.FindingCode.M4;

import dev.countersign.policy.model.AuthorizationPolicy;
import java.util.Set;

/// M1 to M4: annotations that the webhook looks at before anything else; it says only the first that is wrong.
final class MetadataChecks {
    private static final Set<String> TRUTH =
            Set.of("1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False");
    private static final Set<String> INTERNAL =
            Set.of("internal.istio.io/webhook-always-reject", "internal.istio.io/parents", "internal.istio.io/parent");

    private MetadataChecks() {}

    static void check(String kind, Node object, Findings findings) {
        Node annotations = object.get("metadata").get("annotations");
        Node dryRun = annotations.get(AuthorizationPolicy.DRY_RUN);
        if (dryRun.isPresent()) {
            String action = object.get("spec").get("action").text();
            if (!kind.equals("AuthorizationPolicy")) {
                findings.add(M1, dryRun, "a " + kind + " has no dry run");
                return;
            }
            if (!Set.of("", "ALLOW", "DENY").contains(action)) {
                findings.add(M3, dryRun, "action " + action + " has no dry run");
                return;
            }
            if (!TRUTH.contains(dryRun.text())) {
                findings.add(M2, dryRun, "\"" + dryRun.text() + "\" is neither true nor false");
                return;
            }
        }
        annotations.entries().stream()
                .filter(entry -> INTERNAL.contains(entry.getKey()))
                .findFirst()
                .ifPresent(entry ->
                        findings.add(M4, entry.getValue(), "the annotation " + entry.getKey() + " is Istio's own"));
    }
}
