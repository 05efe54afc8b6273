package dev.countersign.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// Times as people say them: "4 min ago", "yesterday 16:02", "in 5 days". Always UTC, and the exact time stands beside it.
public final class Times {
    private static final DateTimeFormatter CLOCK = format("HH:mm");
    private static final DateTimeFormatter DAY = format("d MMM HH:mm");
    private static final DateTimeFormatter DATE = format("d MMM yyyy");
    private static final DateTimeFormatter EXACT = format("EEEE d MMMM yyyy, HH:mm:ss 'UTC'");

    private final Clock clock;

    public Times(Clock clock) {
        this.clock = clock;
    }

    /// For `datetime`: RFC 3339, to the second.
    public String iso(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    public String exact(Instant at) {
        return EXACT.format(at);
    }

    /// A calendar day: "1 Mar 2027".
    public String date(Instant at) {
        return DATE.format(at);
    }

    /// As it stands after "until": "21 Feb 2027", and with the time within two days of now: "24 Nov 14:02".
    public String end(Instant at) {
        boolean near = Duration.between(clock.instant(), at).abs().toDays() < 2;
        return near ? DAY.format(at) : DATE.format(at);
    }

    public String relative(Instant at) {
        Duration away = Duration.between(clock.instant(), at);
        return away.isNegative() ? past(at, away.negated()) : future(at, away);
    }

    /// How long ago, in the shortest form a column can hold: "17 h".
    public String age(Instant since) {
        return brief(Duration.between(since, clock.instant()));
    }

    /// A length of time in its largest sensible unit: "90 days", "1 hour".
    public String span(Duration length) {
        if (length.toDays() >= 1) return Words.count(length.toDays(), "day", "days");
        if (length.toHours() >= 1) return Words.count(length.toHours(), "hour", "hours");
        return Words.count(length.toMinutes(), "minute", "minutes");
    }

    private String past(Instant at, Duration ago) {
        if (ago.toSeconds() < 45) return "just now";
        if (ago.toMinutes() < 60) return Math.max(1, ago.toMinutes()) + " min ago";
        long days = ChronoUnit.DAYS.between(day(at), day(clock.instant()));
        if (days == 0) return "today " + CLOCK.format(at);
        if (days == 1) return "yesterday " + CLOCK.format(at);
        return days < 300 ? DAY.format(at) : DATE.format(at);
    }

    private String future(Instant at, Duration away) {
        if (away.toSeconds() < 45) return "in a moment";
        return away.toDays() < 60 ? "in " + brief(away) : "on " + DATE.format(at);
    }

    private static String brief(Duration length) {
        if (length.toDays() >= 2) return length.toDays() + " days";
        if (length.toHours() >= 1) return length.toHours() + " h";
        return Math.max(1, length.toMinutes()) + " min";
    }

    private static LocalDate day(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }
}
