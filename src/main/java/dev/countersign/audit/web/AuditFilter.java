package dev.countersign.audit.web;

import dev.countersign.audit.AuditReader;
import dev.countersign.audit.Subject;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/// The search form of the record, as typed. `subject` reads `request 42`; `from` and `until` are days in UTC, both included.
public record AuditFilter(
        @Nullable String q, @Nullable String who, @Nullable String kind, @Nullable String subject, @Nullable String from, @Nullable String until) {

    /// What could be read, and a sentence for each part that could not (which then does not restrict).
    public record Parsed(AuditReader.Search search, List<String> problems) {}

    Parsed parse() {
        List<String> problems = new ArrayList<>();
        Optional<Subject> wanted = text(subject, 300).flatMap(typed -> {
            String[] parts = typed.split("\\s+", 2);
            if (parts.length == 2) {
                return Optional.of(new Subject(parts[0], parts[1]));
            }
            problems.add("About reads like: request 42");
            return Optional.empty();
        });
        return new Parsed(new AuditReader.Search(text(q, 200), text(who, 200), text(kind, 80), wanted,
                day(from, problems).map(day -> day.atStartOfDay(ZoneOffset.UTC).toInstant()),
                day(until, problems).map(day -> day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())), problems);
    }

    String url(long before) {
        UriComponentsBuilder url = UriComponentsBuilder.fromPath("/audit");
        text(q, 200).ifPresent(value -> url.queryParam("q", "{q}"));
        text(who, 200).ifPresent(value -> url.queryParam("who", "{who}"));
        text(kind, 80).ifPresent(value -> url.queryParam("kind", "{kind}"));
        text(subject, 300).ifPresent(value -> url.queryParam("subject", "{subject}"));
        text(from, 10).ifPresent(value -> url.queryParam("from", "{from}"));
        text(until, 10).ifPresent(value -> url.queryParam("until", "{until}"));
        url.queryParam("before", before);
        java.util.Map<String, Object> values = new java.util.HashMap<>();
        values.put("q", q);
        values.put("who", who);
        values.put("kind", kind);
        values.put("subject", subject);
        values.put("from", from);
        values.put("until", until);
        return url.encode().buildAndExpand(values).toUriString();
    }

    private static Optional<String> text(@Nullable String typed, int longest) {
        return Optional.ofNullable(typed)
                .map(text -> text.replace("\u0000", "").strip())
                .filter(text -> !text.isEmpty())
                .map(text -> text.substring(0, Math.min(text.length(), longest)));
    }

    private static Optional<LocalDate> day(@Nullable String typed, List<String> problems) {
        return text(typed, 20).flatMap(text -> {
            try {
                LocalDate day = LocalDate.parse(text);
                Instant at = day.atStartOfDay(ZoneOffset.UTC).toInstant();
                if (at.isBefore(Instant.EPOCH) || day.getYear() > 9998) {
                    throw new DateTimeParseException("out of range", text, 0);
                }
                return Optional.of(day);
            } catch (DateTimeParseException e) {
                problems.add("a day reads like 2026-11-23");
                return Optional.empty();
            }
        });
    }
}
