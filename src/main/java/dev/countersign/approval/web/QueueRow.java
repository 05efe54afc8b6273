package dev.countersign.approval.web;

import dev.countersign.approval.QueueFilter;
import dev.countersign.approval.QueuePage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One request of the queue as its row shows it. `pick` is what a tick or a key sends: number and digest of what was shown.
public record QueueRow(
        long number,
        int version,
        String pick,
        String sentence,
        String reason,
        int opens,
        int cuts,
        boolean high,
        String missing,
        boolean decidable,
        Instant submittedAt,
        Instant lapsesAt,
        @Nullable String said,
        @Nullable Instant saidAt,
        StateWord state) {
    private static final int EXCERPT = 160;

    static QueueRow of(QueuePage.Row row) {
        return new QueueRow(row.number(), row.version(), new Pick(row.number(), row.digest()).text(), row.sentence(), excerpt(row.reason()), row.opens(), row.cuts(),
                row.risk() == QueueFilter.Risk.HIGH, row.missing(), row.decidable(), row.submittedAt(), row.lapsesAt(),
                row.said().map(review -> "you " + DecisionView.of(review.decision()).past() + (review.comment().isEmpty() ? "" : ": " + excerpt(review.comment())))
                        .orElse(null),
                row.said().map(review -> review.at()).orElse(null), StateWord.of(row.state()));
    }

    /// The beginning, cut at a character, not within one.
    private static String excerpt(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= EXCERPT ? line : line.substring(0, line.offsetByCodePoints(0, EXCERPT)) + "…";
    }
}
