package dev.countersign.approval;

import java.util.Optional;

/// What of the queue is shown. Empty means any.
public record QueueFilter(View view, Optional<String> namespace, Optional<Risk> risk) {
    public enum View {
        /// Requests that still want this person's word.
        MINE,
        /// What this person said within seven days.
        HANDLED,
        /// All that wait, whoever decides.
        OPEN
    }

    /// How much a request could do: wide, endless or cutting access is HIGH; far-reaching is RAISED.
    public enum Risk {
        USUAL,
        RAISED,
        HIGH
    }
}
