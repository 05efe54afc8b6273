package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.S1;
import static dev.countersign.policy.check.FindingCode.S2;
import static dev.countersign.policy.check.FindingCode.S3;
import static dev.countersign.policy.check.FindingCode.S4;
import static dev.countersign.policy.check.FindingCode.S5;
import static dev.countersign.policy.check.FindingCode.S6;
import static dev.countersign.policy.check.FindingCode.S7;

import java.util.Set;
import java.util.stream.Stream;

/// S1 to S7: what an object attaches to.
final class SelectorChecks {
    private static final Set<String> TARGETS = Set.of(
            "core/Service",
            "networking.istio.io/ServiceEntry",
            "gateway.networking.k8s.io/Gateway",
            "gateway.networking.k8s.io/GatewayClass");

    private SelectorChecks() {}

    /// Selector and references of the security kinds.
    static void check(Node spec, Findings findings) {
        long ways = Stream.of(
                        spec.get("selector").isPresent(),
                        spec.get("targetRef").isPresent(),
                        spec.get("targetRefs").size() > 0)
                .filter(there -> there)
                .count();
        if (ways > 1) {
            findings.add(S1, spec, "more than one of selector, targetRef and targetRefs is there");
        }
        labels(spec.get("selector"), "matchLabels", findings);
        if (spec.get("targetRef").isPresent()) {
            reference(spec.get("targetRef"), findings);
        }
        references(spec, findings);
    }

    static void references(Node spec, Findings findings) {
        spec.get("targetRefs").items().forEach(item -> reference(item, findings));
    }

    /// The labels under `key` of a selector; nothing to say where there is no selector.
    static void labels(Node selector, String key, Findings findings) {
        if (!selector.isPresent()) {
            return;
        }
        Node labels = selector.get(key);
        labels.entries().forEach(entry -> {
            if (entry.getKey().isEmpty()) {
                findings.add(S2, labels, "a label has no key");
            }
            if (entry.getKey().contains("*") || entry.getValue().text().contains("*")) {
                findings.add(
                        S3,
                        entry.getValue(),
                        "the label " + entry.getKey() + "=" + entry.getValue().text() + " holds a wildcard");
            }
        });
        if (labels.size() == 0) {
            findings.add(S4, selector, "the selector has no labels, so it selects every workload of the namespace");
        }
    }

    private static void reference(Node reference, Findings findings) {
        if (reference.get("name").text().isEmpty()) {
            findings.add(S5, reference.get("name"), "the target has no name");
        }
        if (!reference.get("namespace").text().isEmpty()) {
            findings.add(
                    S6,
                    reference.get("namespace"),
                    "the target names the namespace "
                            + reference.get("namespace").text());
        }
        String group = reference.get("group").text();
        String target =
                (group.isEmpty() ? "core" : group) + "/" + reference.get("kind").text();
        if (!TARGETS.contains(target)) {
            findings.add(S7, reference, target + " cannot be a target");
        }
    }
}
