package dev.countersign.requests;

import java.util.Optional;

/// Why. The tenant says how long a reason must be at least; `Limits` how long anything may be at most.
public record Justification(String reason, Optional<String> ticket) {
    public Justification {
        if (reason.isBlank() || Limits.characters(reason) > Limits.REASON) {
            throw new IllegalArgumentException("a reason has 1 to " + Limits.REASON + " characters");
        }
        ticket.ifPresent(text -> {
            if (text.isBlank() || Limits.characters(text) > Limits.TICKET) {
                throw new IllegalArgumentException("a ticket has 1 to " + Limits.TICKET + " characters");
            }
        });
    }
}
