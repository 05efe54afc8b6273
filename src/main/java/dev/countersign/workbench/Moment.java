package dev.countersign.workbench;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// A moment as typed: what a browser's date and time field sends, read as UTC, or RFC 3339. `typed` as that field shows it again,
/// empty where it is no moment. `at` is null where nothing was typed, or nothing that can be answered; then `problem` says why.
public record Moment(String typed, @Nullable Instant at, @Nullable String problem) {
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    static Moment read(String text, Instant now) {
        String typed = text.strip();
        if (typed.isEmpty()) {
            return new Moment(field(now.truncatedTo(ChronoUnit.MINUTES)), null, null);
        }
        try {
            Instant at = typed.length() > 40 ? Instant.MAX
                    : typed.endsWith("Z") || typed.matches(".*[+-][0-9]{2}:[0-9]{2}") && typed.length() > 19
                            ? java.time.OffsetDateTime.parse(typed).toInstant()
                            : LocalDateTime.parse(typed).toInstant(ZoneOffset.UTC);
            if (at.isAfter(now)) {
                return new Moment(field(at), null, "That moment has not come yet. Choose one in the past.");
            }
            if (at.isBefore(Instant.EPOCH)) {
                return new Moment(field(at), null, "That is before any record. Choose a later moment.");
            }
            return new Moment(field(at), at, null);
        } catch (DateTimeException e) {
            return new Moment("", null, "A moment reads like 2026-11-23T14:30, in UTC.");
        }
    }

    /// As the field of a browser reads it: without an offset. Empty outside the years that it knows.
    private static String field(Instant at) {
        return at.isBefore(EARLIEST) || at.isAfter(LATEST) ? "" : LocalDateTime.ofInstant(at.truncatedTo(ChronoUnit.MILLIS), ZoneOffset.UTC).toString();
    }
}
