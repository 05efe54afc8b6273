package dev.countersign.requests;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// A request as it is read: its present version. `digest` is `sha256:` and hex digits over what is decided.
public record RequestView(
        UUID id,
        long number,
        RequestState state,
        int version,
        String digest,
        Requester requester,
        Ask ask,
        List<Place> places,
        Justification justification,
        GrantPeriod period,
        Sentence sentence,
        Instant submittedAt,
        Instant lapsesAt) {
    /// `name` is `username@tenant` as it was at submission.
    public record Requester(UUID id, String name) {}

    public RequestView {
        places = List.copyOf(places);
    }
}
