package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.OWN_TLS;
import static dev.countersign.policy.check.FindingCode.PORTS_WITHOUT_SELECTOR;
import static dev.countersign.policy.check.FindingCode.TOKEN_NOT_DEMANDED;

import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Our own lint: what Istio accepts and people regret, and the corrected form of what it refuses by surprise.
final class PolicyLint {
    private PolicyLint() {}

    static void check(String kind, Node object, CheckContext context, Findings findings) {
        Node spec = object.get("spec");
        switch (kind) {
            case "AuthorizationPolicy" -> {
                AuthorizationPolicyLint.check(object, context, findings);
                ContextLint.check(object, context, findings);
                ZtunnelLint.check(object, spec.get("action").text().isEmpty() ? "ALLOW" : spec.get("action").text(), context, findings);
            }
            case "PeerAuthentication" -> {
                portsWithoutSelector(object, spec, findings);
                ContextLint.peerAuthentication(object, context, findings);
            }
            case "RequestAuthentication" -> {
                if (spec.get("jwtRules").size() > 0) {
                    findings.add(TOKEN_NOT_DEMANDED, spec.get("jwtRules"), "a call without a token passes this object");
                }
            }
            case "DestinationRule" -> {
                ownTls(spec.get("trafficPolicy"), findings);
                spec.get("subsets").items().forEach(subset -> ownTls(subset.get("trafficPolicy"), findings));
            }
            default -> {}
        }
    }

    private static void portsWithoutSelector(Node object, Node spec, Findings findings) {
        Node ports = spec.get("portLevelMtls");
        if (ports.size() == 0 || spec.get("selector").get("matchLabels").size() > 0) {
            return;
        }
        String message = "Istio reads ports only from a policy that selects workloads by label; this one is refused";
        List<PeerAuthentication> corrected = new ArrayList<>();
        PolicyReader.peerAuthentication(CrdType.mapOf(object.value())).ifPresent(policy -> {
            corrected.add(PeerAuthentication.of(policy.metadata(), Target.EVERYTHING, policy.mode()));
            Map<Integer, TlsMode> exceptions = new TreeMap<>(policy.ports());
            exceptions.values().removeIf(mode -> mode == policy.mode() || mode == TlsMode.UNSET);
            if (!exceptions.isEmpty()) {
                ObjectMeta named = ObjectMeta.of(
                        policy.metadata().namespace(), policy.metadata().name() + "-ports");
                Target workload = new Target.Selector(Map.of("app", "name-of-the-workload"));
                corrected.add(new PeerAuthentication(named, workload, policy.mode(), exceptions));
            }
        });
        if (corrected.isEmpty()) {
            findings.add(PORTS_WITHOUT_SELECTOR, ports, message);
        } else {
            findings.add(
                    PORTS_WITHOUT_SELECTOR,
                    ports,
                    message,
                    PORTS_WITHOUT_SELECTOR.help() + "\n" + PolicyWriter.text(corrected));
        }
    }

    private static void ownTls(Node trafficPolicy, Findings findings) {
        tls(trafficPolicy.get("tls"), findings);
        trafficPolicy.get("portLevelSettings").items().forEach(port -> tls(port.get("tls"), findings));
    }

    private static void tls(Node tls, Findings findings) {
        if (Set.of("DISABLE", "SIMPLE").contains(tls.get("mode").text())) {
            findings.add(
                    OWN_TLS, tls, "clients use mode " + tls.get("mode").text() + " instead of the mesh's mutual TLS");
        }
    }
}
