package dev.countersign.policy.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// An Istio RequestAuthentication (security.istio.io/v1): which tokens are verified, and how. By itself it demands no
/// token: it refuses invalid ones and lets token-less calls pass (istio.md 1.4).
public record RequestAuthentication(ObjectMeta metadata, Target target, List<JwtRule> jwtRules) implements IstioObject {
    public RequestAuthentication {
        jwtRules = List.copyOf(jwtRules);
    }

    /// One accepted issuer. `issuer` may be empty where `jwksUri` says enough.
    public record JwtRule(
            String issuer,
            List<String> audiences,
            Optional<String> jwksUri,
            Optional<String> jwks,
            List<TokenHeader> fromHeaders,
            List<String> fromParams,
            List<String> fromCookies,
            Optional<String> outputPayloadToHeader,
            boolean forwardOriginalToken,
            List<ClaimHeader> outputClaimToHeaders,
            Optional<Duration> timeout) {
        public JwtRule {
            audiences = List.copyOf(audiences);
            fromHeaders = List.copyOf(fromHeaders);
            fromParams = List.copyOf(fromParams);
            fromCookies = List.copyOf(fromCookies);
            outputClaimToHeaders = List.copyOf(outputClaimToHeaders);
        }
    }

    /// A header that carries the token, after `prefix` ("Bearer ").
    public record TokenHeader(String name, String prefix) {}

    /// A claim that the proxy copies into a header.
    public record ClaimHeader(String header, String claim) {}
}
