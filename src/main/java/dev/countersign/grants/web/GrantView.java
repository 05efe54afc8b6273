package dev.countersign.grants.web;

import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantEnd;
import dev.countersign.requests.Sentence;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A grant as its row and its page show it.
public record GrantView(
        long number,
        long requestNumber,
        int requestVersion,
        String digest,
        List<Sentence.Part> parts,
        String sentence,
        String cluster,
        String namespace,
        String workload,
        String requester,
        Instant from,
        @Nullable Instant until,
        String stateKind,
        String stateWord,
        boolean stands,
        @Nullable Long suspension,
        @Nullable Instant endedAt,
        @Nullable String endedBy,
        @Nullable String reason) {
    static GrantView of(Grant grant) {
        String kind = switch (grant.state()) {
            case ACTIVE -> "done";
            case HELD, SUSPENDED -> "waits";
            case EXPIRED -> "over";
            case REVOKED -> "fails";
        };
        return new GrantView(grant.number(), grant.requestNumber(), grant.requestVersion(), grant.digest(), grant.sentence().parts(), grant.sentence().text(),
                grant.place().cluster().name(), grant.place().target().namespace(), grant.place().target().workload(), grant.requesterName(), grant.from(),
                grant.until().orElse(null), kind, grant.state().name().toLowerCase(java.util.Locale.ROOT), grant.state().stands(), grant.suspension().orElse(null),
                grant.end().map(GrantEnd::at).orElse(null), grant.end().map(end -> end.by().name()).orElse(null), grant.end().map(GrantEnd::reason).orElse(null));
    }
}
