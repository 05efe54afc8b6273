package dev.countersign.requests;

import dev.countersign.audit.Actor;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// A request was approved. Published in the transaction of the deciding review, before it commits: a listener that throws
/// undoes the approval. `decidedAt` is the database's time, from which `period` runs.
public record RequestApproved(
        UUID requestId,
        long number,
        int version,
        String digest,
        Ask ask,
        List<Place> places,
        GrantPeriod period,
        UUID requester,
        String requesterName,
        Actor decidedBy,
        Instant decidedAt) {
    public RequestApproved {
        places = List.copyOf(places);
    }
}
