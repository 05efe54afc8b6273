package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RequestPaceTests {
    private static final long SECOND = 1_000_000_000L;

    private long now;

    /// When requests are sent that are asked for at these times, in order.
    private List<Long> sent(int perSecond, long... asked) {
        now = asked[0];
        RequestPace pace = new RequestPace(perSecond, () -> now);
        List<Long> sent = new ArrayList<>();
        for (long at : asked) {
            now = at;
            sent.add(at + pace.take().toNanos());
        }
        return sent;
    }

    private static long mostInASecond(List<Long> times) {
        return times.stream().mapToLong(from -> times.stream().filter(at -> at >= from && at < from + SECOND).count()).max().orElse(0);
    }

    @Test
    void aBurstGoesAtOnceAndTheRestAtAnEvenPace() {
        List<Long> sent = sent(50, new long[200]);
        assertThat(sent.subList(0, 45)).containsOnly(0L);
        assertThat(sent.get(45)).isEqualTo(SECOND / 50);
        assertThat(sent.getLast() - sent.get(45)).isEqualTo(154 * SECOND / 50);
    }

    @Test
    void noSecondHasMoreThanTwiceThePaceHoweverTheyAreAsked() {
        SplittableRandom chance = new SplittableRandom(7);
        for (int round = 0; round < 50; round++) {
            int perSecond = 1 + chance.nextInt(60);
            long[] asked = new long[600];
            long at = 0;
            for (int i = 0; i < asked.length; i++) {
                at += chance.nextInt(10) == 0 ? chance.nextLong(SECOND) : chance.nextLong(SECOND / 200);
                asked[i] = at;
            }
            List<Long> sent = sent(perSecond, asked);
            assertThat(mostInASecond(sent)).as("at %d a second", perSecond).isLessThanOrEqualTo(2L * perSecond);
            assertThat(sent).isSorted();
        }
    }

    @Test
    void whatTheClusterAsksForHoldsAtOnce() {
        RequestPace pace = new RequestPace(50, () -> now);
        assertThat(pace.held()).isEmpty();
        pace.hold(Duration.ofSeconds(30));
        assertThat(pace.held()).contains(Duration.ofSeconds(1));
        now += SECOND;
        assertThat(pace.held()).isEmpty();
        pace.hold(Duration.ofMillis(20));
        assertThat(pace.held()).contains(Duration.ofMillis(20));
    }

    @Test
    void aPaceOfNoneIsRefused() {
        assertThatThrownBy(() -> new RequestPace(0, () -> now)).hasMessageContaining("at least 1");
    }
}
