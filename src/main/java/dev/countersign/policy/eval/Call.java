package dev.countersign.policy.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// One concrete call, as the proxy in front of the called workload sees it. Addresses are text ("10.1.2.3"); `path` is
/// what remains after Envoy's normalisation (it may carry a query); header names are lower case; absent means absent.
///
/// - `principal`: the caller's identity without `spiffe://`; empty in plain text (no mutual TLS).
/// - `sourceIp`: the direct peer; `remoteIp`: the original client, the peer where nothing says otherwise.
/// - `destinationPort`: the port at the proxy (istio.md 1.2, row ports).
/// - `http`: empty for a TCP connection.
/// - `externalAuthorizers`: what each named CUSTOM provider would answer.
public record Call(
        Optional<String> principal,
        String sourceIp,
        String remoteIp,
        String destinationIp,
        int destinationPort,
        Optional<String> sni,
        Optional<Http> http,
        Map<String, Map<String, Object>> filterMetadata,
        Map<String, ExternalAuthorizer> externalAuthorizers) {

    /// The HTTP part. `claims` is absent when no verified token came with the call.
    public record Http(
            String method,
            String path,
            String host,
            Map<String, List<String>> headers,
            Optional<Map<String, Object>> claims) {
        public Http {
            TreeMap<String, List<String>> lower = new TreeMap<>();
            headers.forEach((name, lines) -> lower.put(name.toLowerCase(java.util.Locale.ROOT), List.copyOf(lines)));
            headers = Collections.unmodifiableMap(lower);
        }
    }

    /// An extension provider of the mesh: its protocol, and whether it would let this call pass.
    public record ExternalAuthorizer(boolean http, boolean allows) {}

    public Call {
        Objects.requireNonNull(principal);
        filterMetadata = Collections.unmodifiableMap(new LinkedHashMap<>(filterMetadata));
        externalAuthorizers = Map.copyOf(externalAuthorizers);
        if (destinationPort < 0 || destinationPort > 65535) {
            throw new IllegalArgumentException("port " + destinationPort + " is outside 0..65535");
        }
    }

    /// An HTTP call with mutual TLS and nothing special: loopback-free example addresses, no headers, no token.
    public static Call http(String principal, String method, String path, String host, int port) {
        return new Call(Optional.of(principal), "10.0.0.1", "10.0.0.1", "10.0.0.2", port, Optional.empty(),
                Optional.of(new Http(method, path, host, Map.of(), Optional.empty())), Map.of(), Map.of());
    }

    public boolean mutualTls() {
        return principal.isPresent();
    }
}
