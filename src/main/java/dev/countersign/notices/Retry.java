package dev.countersign.notices;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// When something is tried again. An event is tried for three days (`GIVE_UP`), counted from when it was queued.
final class Retry {
    static final Duration GIVE_UP = Duration.ofDays(3);
    private static final List<Duration> STEPS = List.of(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofMinutes(10), Duration.ofMinutes(30),
            Duration.ofHours(1), Duration.ofHours(2), Duration.ofHours(4), Duration.ofHours(8));
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private Retry() {}

    /// After so many attempts of an event, at least one: spread over a tenth more, so that many do not come back together.
    static Duration after(int attempts, RandomGenerator chance) {
        return spread(STEPS.get(Math.clamp(attempts - 1, 0, STEPS.size() - 1)), chance);
    }

    /// How long a receiver that did not answer so many times in a row is left alone altogether.
    static Duration rest(int silent, RandomGenerator chance) {
        return spread(Duration.ofSeconds(Math.min(LONGEST_REST.toSeconds(), 1L << Math.clamp(silent, 0, 10))), chance);
    }

    /// What a receiver asks for in `Retry-After`: seconds or a date, at most an hour; empty for what is neither.
    static Optional<Duration> asked(String header, Instant now) {
        Duration asked;
        if (SECONDS.matcher(header.strip()).matches()) {
            asked = Duration.ofSeconds(Long.parseLong(header.strip()));
        } else {
            try {
                asked = Duration.between(now, ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            } catch (DateTimeParseException malformed) {
                return Optional.empty();
            }
        }
        return Optional.of(asked.isNegative() ? Duration.ZERO : asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked);
    }

    private static Duration spread(Duration time, RandomGenerator chance) {
        return time.plusMillis(chance.nextLong(time.toMillis() / 10 + 1));
    }
}
