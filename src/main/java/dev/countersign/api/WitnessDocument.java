package dev.countersign.api;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Spiffe;
import java.util.Optional;

/// One concrete call. `from` is `namespace/serviceAccount`, "plain text" without an identity.
record WitnessDocument(String from, String to, Optional<String> method, Optional<String> path, Optional<String> host, int port) {
    static WitnessDocument of(String to, Call call) {
        String from = call.principal()
                .map(principal -> Spiffe.parse(principal).map(spiffe -> spiffe.namespace() + "/" + spiffe.serviceAccount()).orElse(principal))
                .orElse("plain text");
        return new WitnessDocument(from, to, call.http().map(Call.Http::method), call.http().map(Call.Http::path), call.http().map(Call.Http::host),
                call.destinationPort());
    }
}
