package dev.countersign.api;

import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A promise with an end: what an approved request allows in one cluster. `id` counts within the tenant; `until` is null for
/// access without an end, `end` while it holds; `suspension` is the number of the one that keeps it out while it is SUSPENDED.
record GrantDocument(
        long id,
        GrantState state,
        String summary,
        String cluster,
        RequestVersionDocument request,
        @Written(AskDocument.class) Map<String, Object> ask,
        PersonDocument requester,
        Instant from,
        Optional<Instant> until,
        Optional<Long> suspension,
        Optional<EndDocument> end) {

    /// Exactly which version of which request was approved.
    record RequestVersionDocument(long number, int version, String digest) {}

    record EndDocument(GrantState state, Instant at, PersonDocument by, String reason) {}

    record GrantListDocument(List<GrantDocument> items, Optional<String> next) {}

    static GrantDocument of(Grant grant) {
        return new GrantDocument(grant.number(), grant.state(), grant.sentence().text(), grant.place().cluster().name(),
                new RequestVersionDocument(grant.requestNumber(), grant.requestVersion(), grant.digest()), grant.ask().tree(),
                PersonDocument.of(grant.requester(), grant.requesterName()), grant.from(), grant.until(), grant.suspension(),
                grant.end().map(end -> new EndDocument(end.state(), end.at(), PersonDocument.of(end.by()), end.reason())));
    }
}
