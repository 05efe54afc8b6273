package dev.countersign.requests;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.reason.Region;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What granting an Ask would change for calls, over all clusters that it concerns.
///
/// - `firstAllow`: places where it would be the first ALLOW, so that everyone it does not name is refused from then on.
/// - `uncertain`: what cannot be decided here (an external authorizer, a policy that cannot be read). Never read as "no change".
public record Effect(
        Verdict verdict,
        List<String> firstAllow,
        List<Line> newlyAllowed,
        List<Line> newlyCut,
        List<Line> uncertain) {
    public enum Verdict {
        EQUIVALENT,
        MORE_PERMISSIVE,
        LESS_PERMISSIVE,
        INCOMPARABLE
    }

    /// One region of calls; `witness` is a call of it by the names of the API (`from`, `to`, `method`, `path`, `port`), in that
    /// order, empty where there is none.
    public record Line(String cluster, String description, Map<String, String> witness) {
        /// A region of calls to `to` (`namespace/workload`), with its witness.
        public static Line of(String cluster, String to, Region region) {
            Call call = region.witness();
            Map<String, String> witness = new LinkedHashMap<>();
            witness.put("from", call.principal().map(principal -> Spiffe.parse(principal)
                            .map(spiffe -> spiffe.namespace() + "/" + spiffe.serviceAccount())
                            .orElse(principal))
                    .orElse("plain text"));
            witness.put("to", to);
            call.http().ifPresent(http -> {
                witness.put("method", http.method());
                witness.put("path", http.path());
                witness.put("host", http.host());
            });
            witness.put("port", Integer.toString(call.destinationPort()));
            return new Line(cluster, region.description(), witness);
        }

        /// The witness as people write a call, `POST /api/v1/payments/0 :8080 as production/order-service`.
        public Optional<String> call() {
            if (witness.isEmpty()) {
                return Optional.empty();
            }
            String what = witness.containsKey("method") ? witness.get("method") + " " + witness.get("path") : "TCP";
            String who = "plain text".equals(witness.get("from")) ? " in plain text" : " as " + witness.get("from");
            return Optional.of(what + " :" + witness.get("port") + who);
        }
    }

    public Effect {
        firstAllow = List.copyOf(firstAllow);
        newlyAllowed = List.copyOf(newlyAllowed);
        newlyCut = List.copyOf(newlyCut);
        uncertain = List.copyOf(uncertain);
    }

    /// `sha256:` and 64 hex digits over all that it says: two effects that differ in a word differ in it.
    public String digest() {
        return RequestDigest.sha256Text(AskJson.MAPPER.writeValueAsString(this));
    }

    /// Proven to change nothing.
    public boolean changesNothing() {
        return verdict == Verdict.EQUIVALENT && uncertain.isEmpty();
    }
}
