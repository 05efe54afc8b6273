package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.P1;
import static dev.countersign.policy.check.FindingCode.P2;
import static dev.countersign.policy.check.FindingCode.P3;

/// P1 to P3, and the selector.
final class PeerAuthenticationChecks {
    private PeerAuthenticationChecks() {}

    static void check(Node spec, Findings findings) {
        Node ports = spec.get("portLevelMtls");
        if (ports.size() > 0 && spec.get("selector").get("matchLabels").size() == 0) {
            findings.add(P1, ports, "portLevelMtls stands in a policy that selects no workload by label");
        }
        if (ports.isPresent() && ports.size() == 0) {
            findings.add(P2, ports, "portLevelMtls names no port");
        }
        ports.entries().forEach(entry -> {
            double port = Double.parseDouble(entry.getKey());
            if (port < 1 || port > 65535) {
                findings.add(P3, entry.getValue(), entry.getKey() + " is not a port from 1 to 65535");
            }
        });
        SelectorChecks.labels(spec.get("selector"), "matchLabels", findings);
    }
}
