package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.K2;
import static dev.countersign.policy.check.FindingCode.K5;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// K5: TLS settings of a Sidecar's ingress listener, most of which a Sidecar cannot have.
final class ServerTlsChecks {
    private static final Map<String, String> UNSUPPORTED = Map.of(
            "subjectAltNames",
            "subject names",
            "credentialNames",
            "credential names",
            "tlsCertificates",
            "tlsCertificates");
    private static final List<String> CERTIFICATES = List.of("serverCertificate", "privateKey", "caCertificates");

    private ServerTlsChecks() {}

    static void check(Node tls, String protocol, Findings findings) {
        if (!tls.isPresent()) {
            return;
        }
        UNSUPPORTED.forEach((key, called) -> {
            if (tls.get(key).size() > 0) {
                findings.add(K5, tls.get(key), "a Sidecar cannot have " + called + " in ingress TLS");
            }
        });
        if (tls.get("httpsRedirect").isTrue()) {
            findings.add(K5, tls.get("httpsRedirect"), "a Sidecar cannot redirect to HTTPS");
        }
        if (has(tls, "credentialName")) {
            findings.add(K5, tls.get("credentialName"), "a Sidecar cannot fetch credentials by name");
        }
        String mode = tls.get("mode").text();
        if (Set.of("ISTIO_MUTUAL", "AUTO_PASSTHROUGH").contains(mode)) {
            findings.add(K2, tls.get("mode"), "the mode " + mode + " is not for a Sidecar");
        }
        if (!Set.of("https", "tls").contains(protocol.toLowerCase(Locale.ROOT))) {
            findings.add(K5, tls, "the port's protocol is not HTTPS or TLS");
        }
        certificates(tls, mode, findings);
    }

    private static void certificates(Node tls, String mode, Findings findings) {
        boolean mutual = Set.of("MUTUAL", "OPTIONAL_MUTUAL").contains(mode);
        if (mode.equals("ISTIO_MUTUAL")) {
            if (CERTIFICATES.stream().anyMatch(key -> has(tls, key))) {
                findings.add(K5, tls, "ISTIO_MUTUAL brings its own certificates");
            }
            return;
        }
        boolean named = has(tls, "credentialName") || tls.get("credentialNames").size() > 0;
        if (!mutual && !mode.equals("SIMPLE") || named) {
            return;
        }
        if (mutual && !has(tls, "caCertificates")) {
            findings.add(K5, tls, "mode " + mode + " has no caCertificates");
        }
        List<Node> pairs = tls.get("tlsCertificates").size() > 0
                ? tls.get("tlsCertificates").items()
                : List.of(tls);
        for (Node pair : pairs) {
            if (!has(pair, "serverCertificate") || !has(pair, "privateKey")) {
                findings.add(K5, pair, "mode " + mode + " needs serverCertificate and privateKey");
            }
        }
    }

    private static boolean has(Node tls, String key) {
        return !tls.get(key).text().isEmpty();
    }
}
