package dev.countersign.grants;

import dev.countersign.audit.Actor;
import java.time.Instant;

/// That a grant ended before or at its time: when, by whom, and why.
public record GrantEnd(GrantState state, Instant at, Actor by, String reason) {
    public GrantEnd {
        if (state.stands()) {
            throw new IllegalArgumentException("a grant that stands has no end");
        }
    }
}
