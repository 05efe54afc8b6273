package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTests {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private final Times times = new Times(Clock.fixed(NOW, ZoneOffset.UTC));

    @ParameterizedTest
    @CsvSource({
        "PT-10S, just now", "PT-4M, 4 min ago", "PT-3H, today 09:00", "PT-20H, yesterday 16:00", "P-3D, 19 Nov 12:00",
        "P-400D, 18 Oct 2025", "PT10S, in a moment", "PT5M, in 5 min", "PT30H, in 30 h", "P5D, in 5 days", "P90D, on 20 Feb 2027"
    })
    void aTimeIsSaidAsPeopleSayIt(Duration away, String words) {
        assertThat(times.relative(NOW.plus(away))).isEqualTo(words);
    }

    @Test
    void anEndIsADayAndWithTheTimeWhereItIsNear() {
        assertThat(times.end(NOW.plus(Duration.ofDays(90)))).isEqualTo("20 Feb 2027");
        assertThat(times.end(NOW.plus(Duration.ofHours(30)))).isEqualTo("23 Nov 18:00");
    }

    @Test
    void theExactTimeStandsBesideIt() {
        assertThat(times.exact(NOW)).isEqualTo("Sunday 22 November 2026, 12:00:00 UTC");
        assertThat(times.iso(NOW.plusNanos(5))).isEqualTo("2026-11-22T12:00:00Z");
    }

    @Test
    void countsAndListsHaveTheirGrammar() {
        assertThat(Words.count(1, "request", "requests")).isEqualTo("1 request");
        assertThat(Words.count(41_200, "call", "calls")).isEqualTo("41,200 calls");
        assertThat(new Words().and(List.of("a", "b", "c"))).isEqualTo("a, b and c");
        assertThat(new Words().or(List.of("a", "b"))).isEqualTo("a or b");
        assertThat(new Words().and(List.of())).isEmpty();
    }
}
