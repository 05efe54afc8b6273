package dev.countersign.approval;

import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A page of the queue, riskiest and oldest first. `next`: pass it as `after` for the following page; empty at the end.
public record QueuePage(List<Row> rows, Optional<String> next) {
    /// - `opens`, `cuts`: regions of calls, as foreseen when this version was submitted.
    /// - `missing`: whose word it still wants, "owner and 2 of security".
    /// - `decidable`: whether this person's word is wanted, as far as the queue knows; deciding looks again.
    /// - `said`: what this person said about it, in the view HANDLED.
    public record Row(
            long number,
            int version,
            String digest,
            RequestState state,
            String sentence,
            String reason,
            String requester,
            QueueFilter.Risk risk,
            int opens,
            int cuts,
            String missing,
            boolean decidable,
            Instant submittedAt,
            Instant lapsesAt,
            Optional<Review> said) {}

    /// How many are in each view, at most 100 each.
    public record Counts(int mine, int handled, int open) {}

    public QueuePage {
        rows = List.copyOf(rows);
    }
}
