package dev.countersign.workbench;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Spiffe;

/// A concrete call in one line: `POST /api/v1/payments/0 :8080 as production/order-service`.
final class WitnessWords {
    private WitnessWords() {}

    static String of(Call call) {
        String what = call.http().map(http -> http.method() + " " + http.path()).orElse("TCP");
        String who = call.principal()
                .map(principal -> "as " + Spiffe.parse(principal).map(spiffe -> spiffe.namespace() + "/" + spiffe.serviceAccount()).orElse(principal))
                .orElse("in plain text");
        return what + " :" + call.destinationPort() + " " + who;
    }
}
