package dev.countersign.workbench;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// A moment as typed: what a browser's date and time field sends, read as UTC, or RFC 3339. `at` is null where nothing was typed,
/// or nothing that can be answered; then `problem` says why.
record Moment(String typed, @Nullable Instant at, @Nullable String problem) {
    static Moment read(String text, Instant now) {
        String typed = text.strip();
        if (typed.isEmpty()) {
            return new Moment(LocalDateTime.ofInstant(now, ZoneOffset.UTC).withSecond(0).withNano(0).toString(), null, null);
        }
        try {
            Instant at = typed.length() > 40 ? Instant.MAX
                    : typed.endsWith("Z") || typed.matches(".*[+-][0-9]{2}:[0-9]{2}") && typed.length() > 19
                            ? java.time.OffsetDateTime.parse(typed).toInstant()
                            : LocalDateTime.parse(typed).toInstant(ZoneOffset.UTC);
            if (at.isAfter(now)) {
                return new Moment(typed, null, "That moment has not come yet. Choose one in the past.");
            }
            if (at.isBefore(Instant.EPOCH)) {
                return new Moment(typed, null, "That is before any record. Choose a later moment.");
            }
            return new Moment(typed, at, null);
        } catch (DateTimeException e) {
            return new Moment("", null, "A moment reads like 2026-11-23T14:30, in UTC.");
        }
    }
}
