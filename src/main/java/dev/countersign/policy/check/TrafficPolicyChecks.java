package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.D1;
import static dev.countersign.policy.check.FindingCode.D10;
import static dev.countersign.policy.check.FindingCode.D13;
import static dev.countersign.policy.check.FindingCode.D14;
import static dev.countersign.policy.check.FindingCode.D2;
import static dev.countersign.policy.check.FindingCode.D3;
import static dev.countersign.policy.check.FindingCode.D8;
import static dev.countersign.policy.check.FindingCode.D9;
import static dev.countersign.policy.check.FindingCode.OTHER_REFUSAL;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// D2, D3, D8 to D10, D13 and D14: one traffic policy, of a host or a subset.
final class TrafficPolicyChecks {
    private static final List<String> PORT_SETTINGS =
            List.of("outlierDetection", "connectionPool", "loadBalancer", "tls");
    private static final List<String> SETTINGS = List.of(
            "outlierDetection",
            "connectionPool",
            "loadBalancer",
            "tls",
            "portLevelSettings",
            "tunnel",
            "proxyProtocol",
            "retryBudget");

    private TrafficPolicyChecks() {}

    static void check(Node policy, String namespace, Findings findings) {
        if (!policy.isPresent()) {
            return;
        }
        if (SETTINGS.stream().noneMatch(key -> policy.get(key).isPresent())) {
            findings.add(D2, policy, "the traffic policy sets nothing");
            return;
        }
        if (policy.get("tunnel").isPresent() && policy.get("proxyProtocol").isPresent()) {
            findings.add(D3, policy, "tunnel and proxyProtocol stand together");
            return;
        }
        settings(policy, namespace, findings);
        for (Node port : policy.get("portLevelSettings").items()) {
            if (!port.get("port").isPresent()) {
                findings.add(D13, port, "the entry names no port");
            }
            if (PORT_SETTINGS.stream().noneMatch(key -> port.get(key).isPresent())) {
                findings.add(D2, port, "the port's traffic policy sets nothing");
            } else {
                settings(port, namespace, findings);
            }
        }
        tunnel(policy.get("tunnel"), findings);
    }

    private static void settings(Node policy, String namespace, Findings findings) {
        Node outliers = policy.get("outlierDetection");
        outlierDetection(outliers, findings);
        ConnectionPoolChecks.check(policy.get("connectionPool"), findings);
        LoadBalancerChecks.check(policy.get("loadBalancer"), outliers.isPresent(), findings);
        tls(policy.get("tls"), namespace, findings);
    }

    private static void outlierDetection(Node outliers, Findings findings) {
        Durations.check(outliers.get("baseEjectionTime"), findings);
        Durations.check(outliers.get("interval"), findings);
        if (outliers.get("consecutiveErrors").number() != 0) {
            findings.add(D10, outliers.get("consecutiveErrors"), "the field is retired");
        }
        if (!outliers.get("splitExternalLocalOriginErrors").isTrue()
                && outliers.get("consecutiveLocalOriginFailures").number() > 0) {
            findings.add(
                    D9, outliers.get("consecutiveLocalOriginFailures"), "the count has no effect without the split");
        }
        for (String key : List.of("maxEjectionPercent", "minHealthPercent")) {
            double percent = outliers.get(key).number();
            if (percent < 0 || percent > 100) {
                findings.add(D8, outliers.get(key), outliers.get(key).value() + " is not from 0 to 100");
            }
        }
    }

    private static void tls(Node tls, String namespace, Findings findings) {
        String mode = tls.get("mode").text();
        String credential = tls.get("credentialName").text();
        boolean simple = mode.equals("SIMPLE");
        boolean mutual = mode.equals("MUTUAL");
        String prefix = "configmap://";
        if (credential.startsWith(prefix)
                && (namespace.isEmpty()
                        || credential.indexOf('/', prefix.length()) >= 0
                                && !credential.startsWith(prefix + namespace + "/"))) {
            findings.add(OTHER_REFUSAL, tls.get("credentialName"), "the config map is not in the rule's own namespace");
        }
        boolean authority =
                has(tls, "caCertificates") || tls.get("subjectAltNames").size() > 0;
        if (tls.get("insecureSkipVerify").isTrue()
                && (simple && (authority || !credential.isEmpty()) || mutual && authority)) {
            findings.add(D14, tls, "insecureSkipVerify stands beside what would be verified");
        }
        if ((simple || mutual) && !credential.isEmpty()) {
            if (Stream.of("clientCertificate", "caCertificates", "privateKey", "caCrl")
                    .anyMatch(key -> has(tls, key))) {
                findings.add(D14, tls, "credentialName stands beside certificates from files");
            }
        } else if (mutual) {
            for (String key : List.of("clientCertificate", "privateKey")) {
                if (!has(tls, key)) {
                    findings.add(D14, tls, "mode MUTUAL has no " + key);
                }
            }
        }
    }

    private static boolean has(Node tls, String key) {
        return !tls.get(key).text().isEmpty();
    }

    private static void tunnel(Node tunnel, Findings findings) {
        if (!tunnel.isPresent()) {
            return;
        }
        if (!Set.of("", "CONNECT", "POST").contains(tunnel.get("protocol").text())) {
            findings.add(OTHER_REFUSAL, tunnel.get("protocol"), "a tunnel's protocol is CONNECT or POST");
        }
        String host = tunnel.get("targetHost").text();
        if (!Addresses.isAddress(host)) {
            HostNames.nameProblem(host).ifPresent(problem -> findings.add(D1, tunnel.get("targetHost"), problem));
        }
        double port = tunnel.get("targetPort").number();
        if (port < 1 || port > 65535) {
            findings.add(OTHER_REFUSAL, tunnel.get("targetPort"), "a tunnel's port is from 1 to 65535");
        }
    }
}
