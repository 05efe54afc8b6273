package dev.countersign.requests;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Lengths and ends of grants as a sentence says them: exact, so that two different periods never read alike.
final class PeriodWords {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("d MMMM uuuu HH:mm 'UTC'", Locale.ENGLISH);
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("d MMMM uuuu HH:mm:ss 'UTC'", Locale.ENGLISH);

    private PeriodWords() {}

    /// "90 days", "36 hours", "1 day 2 hours 5 minutes".
    static String span(Duration length) {
        StringBuilder words = new StringBuilder();
        add(words, length.toDays(), "day");
        add(words, length.toHoursPart(), "hour");
        add(words, length.toMinutesPart(), "minute");
        return words.toString();
    }

    /// "1 March 2027" for midnight UTC, else with the time.
    static String moment(Instant at) {
        OffsetDateTime time = at.atOffset(ZoneOffset.UTC);
        if (time.toLocalTime().equals(LocalTime.MIDNIGHT)) {
            return DAY.format(time);
        }
        return (time.getSecond() == 0 ? MINUTE : SECOND).format(time);
    }

    private static void add(StringBuilder words, long count, String unit) {
        if (count > 0) {
            words.append(words.isEmpty() ? "" : " ").append(count).append(' ').append(unit).append(count == 1 ? "" : "s");
        }
    }
}
