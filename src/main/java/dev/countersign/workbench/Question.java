package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.policy.eval.Call;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A call that was asked about, ready to be put to the policies.
///
/// - `caller`: empty for plain text from nobody in particular.
/// - `identified`: what was asked for as mutual TLS; empty leaves it to what the caller does today.
/// - `http`: empty for a TCP connection.
/// - `normalized`: what Envoy makes of the path where that differs from what was typed.
record Question(
        Optional<Places.Caller> caller,
        CatalogWorkload target,
        Optional<Boolean> identified,
        Optional<Call.Http> http,
        int port,
        String sourceIp,
        Optional<String> normalized,
        List<String> remarks) {
    Call call(boolean withIdentity) {
        return new Call(
                withIdentity ? caller.map(known -> known.identity().principal()) : Optional.empty(),
                sourceIp,
                sourceIp,
                "10.0.0.2",
                port,
                Optional.empty(),
                http,
                Map.of(),
                Map.of());
    }
}
