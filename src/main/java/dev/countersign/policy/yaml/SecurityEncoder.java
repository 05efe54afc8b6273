package dev.countersign.policy.yaml;

import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.RequestAuthentication;
import dev.countersign.policy.model.RequestAuthentication.JwtRule;
import dev.countersign.policy.model.TlsMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The specs of PeerAuthentications and RequestAuthentications.
final class SecurityEncoder {
    private SecurityEncoder() {}

    static Map<String, Object> peerAuthentication(PeerAuthentication peers) {
        Encoder spec = new Encoder();
        MetadataEncoder.target(spec, peers.target(), "selector", "matchLabels");
        if (peers.mode() != TlsMode.UNSET) {
            spec.put("mtls", Map.of("mode", peers.mode().name()));
        }
        Map<String, Object> ports = new LinkedHashMap<>();
        peers.ports().forEach((port, mode) -> ports.put(String.valueOf(port), Map.of("mode", mode.name())));
        spec.map("portLevelMtls", ports);
        return spec.map();
    }

    static Map<String, Object> requestAuthentication(RequestAuthentication requests) {
        Encoder spec = new Encoder();
        MetadataEncoder.target(spec, requests.target(), "selector", "matchLabels");
        spec.list(
                "jwtRules",
                requests.jwtRules().stream().map(SecurityEncoder::jwtRule).toList());
        return spec.map();
    }

    private static Map<String, Object> jwtRule(JwtRule rule) {
        Encoder encoder = new Encoder();
        encoder.text("issuer", rule.issuer());
        encoder.list("audiences", rule.audiences());
        encoder.optional("jwksUri", rule.jwksUri());
        encoder.optional("jwks", rule.jwks());
        encoder.list(
                "fromHeaders",
                rule.fromHeaders().stream()
                        .map(header -> {
                            Encoder inner = new Encoder();
                            inner.put("name", header.name());
                            inner.text("prefix", header.prefix());
                            return inner.map();
                        })
                        .toList());
        encoder.list("fromParams", rule.fromParams());
        encoder.list("fromCookies", rule.fromCookies());
        encoder.optional("outputPayloadToHeader", rule.outputPayloadToHeader());
        encoder.optional(
                "forwardOriginalToken", Optional.of(rule.forwardOriginalToken()).filter(forward -> forward));
        encoder.list(
                "outputClaimToHeaders",
                rule.outputClaimToHeaders().stream()
                        .map(claim -> {
                            Encoder inner = new Encoder();
                            inner.put("header", claim.header());
                            inner.put("claim", claim.claim());
                            return inner.map();
                        })
                        .toList());
        encoder.optional("timeout", rule.timeout());
        return encoder.map();
    }
}
