package dev.countersign.delivery.web;

import dev.countersign.grants.Suspension;
import java.time.Instant;
import java.util.List;

/// A suspension as pages show it. `standing`: the grants that it keeps out, by number.
public record SuspensionView(
        long number, String by, String reason, Instant at, long toRevision, String advice, List<Long> standing, boolean mayResume) {
    static SuspensionView of(Suspension suspension, boolean mayResume) {
        return new SuspensionView(suspension.number(), suspension.by().name(), suspension.reason(), suspension.at(), suspension.toRevision(), suspension.advice(),
                suspension.standing(), mayResume);
    }
}
