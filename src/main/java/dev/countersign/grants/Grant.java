package dev.countersign.grants;

import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.Ask;
import dev.countersign.requests.Place;
import dev.countersign.requests.Sentence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A promise with an end: what a request's approved version allows in one cluster. It never changes; it only ends, and may be kept
/// out of the cluster meanwhile: before its wave is let in, or by a suspension.
///
/// - `number`: counts within the tenant, as people say it.
/// - `requestVersion`, `digest`: exactly what was approved.
/// - `place`: where it takes hold, as it was approved; a later relabelling does not move it.
/// - `from`: the moment of the deciding review; `until`: empty for access without end.
/// - `state`: by the database's clock, so EXPIRED from the moment of `until` on, even before the end is recorded.
/// - `suspension`: the number of the suspension that keeps it out, while it is SUSPENDED.
/// - `end`: empty while it is active, and for a moment after it expired.
public record Grant(
        UUID id,
        long number,
        UUID requestId,
        long requestNumber,
        int requestVersion,
        String digest,
        Ask ask,
        Place place,
        UUID requester,
        String requesterName,
        Instant from,
        Optional<Instant> until,
        GrantState state,
        Optional<Long> suspension,
        Optional<GrantEnd> end) {

    /// What it allows in one sentence, without the period: "order-service may POST /a on payment-service".
    public Sentence sentence() {
        return Promise.of(ask);
    }

    /// What it means to the policy language.
    public List<GrantedAccess> compile() {
        return ask.compile(id.toString(), requestNumber, place);
    }

    /// The workloads that it lets somebody call.
    public List<TargetWorkload> targets() {
        return compile().stream().map(GrantedAccess::target).distinct().toList();
    }
}
