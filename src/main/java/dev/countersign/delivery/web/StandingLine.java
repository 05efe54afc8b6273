package dev.countersign.delivery.web;

import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.delivery.DeliveryState;
import java.time.Instant;
import java.util.List;

/// One policy in one cluster, in words. `kind` is the shape of the state: waits, done or fails.
public record StandingLine(
        String cluster, String namespace, String name, String workload, String kind, String state, Instant since, long revision, String words, String advice,
        boolean moving, int rules, List<Long> requests) {
    static StandingLine of(Standing standing) {
        String by = standing.managers().isEmpty() ? "" : " by " + String.join(", ", standing.managers());
        String word = switch (standing.state()) {
            case WAITING -> "waits to be applied";
            case APPLYING -> "is being applied";
            case PUSHED -> "pushed, awaiting the cluster";
            case APPLIED -> "applied";
            case DRIFTED -> "drifted" + by;
            case REFUSED -> "refused";
            case UNREACHABLE -> "unreachable, tried again";
            case SUSPENDED -> "suspended";
        };
        String kind = switch (standing.state()) {
            case WAITING, APPLYING, PUSHED, SUSPENDED -> "waits";
            case APPLIED -> "done";
            case DRIFTED, REFUSED, UNREACHABLE -> "fails";
        };
        return new StandingLine(standing.cluster().name(), standing.namespace(), standing.name(), standing.workload(), kind, word,
                standing.state() == DeliveryState.APPLIED ? standing.appliedAt().orElse(standing.since()) : standing.since(),
                standing.state() == DeliveryState.APPLIED ? standing.appliedRevision().orElse(standing.revision()) : standing.revision(), standing.words(), standing.advice(),
                standing.state() != DeliveryState.APPLIED && standing.state() != DeliveryState.SUSPENDED, standing.rules(), standing.requests());
    }

    public String inCluster() {
        return namespace + "/" + name;
    }
}
