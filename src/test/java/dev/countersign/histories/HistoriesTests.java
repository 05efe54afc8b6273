package dev.countersign.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Histories of three replicas, five clusters and two tenants, each drawn from a seed, with every kind of fault between any two steps
/// (`Fault`), judged by I1 to I4, I6, I7 and I9 (`Judge`). What decides is the product's; rows and clusters are models in memory.
/// `-Dhistories.count=1000000 -Dhistories.seed=1` plays more, and others; a seed that fails plays the same again to the last step.
class HistoriesTests {
    private static final long COUNT = Long.getLong("histories.count", 3_000);
    private static final long FIRST = Long.getLong("histories.seed", 1);
    private static final long TELL = 100_000;

    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final Map<String, Long> counted = new TreeMap<>();
    private long steps;
    private long digest;

    @Test
    void noHistoryBreaksAnInvariant() {
        long started = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
            History.End end = History.run(Plot.of(seed));
            if (!end.violations().isEmpty()) {
                throw new AssertionError(told(end));
            }
            steps += end.steps();
            digest = digest * 31 + end.digest();
            end.faults().forEach((fault, times) -> faults.merge(fault, (long) times, Long::sum));
            end.counted().forEach((what, times) -> counted.merge(what, (long) times, Long::sum));
            if ((seed - FIRST + 1) % TELL == 0 || seed == FIRST + COUNT - 1) {
                tell(seed, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - started);
            }
        }
        // A history in which nothing happens breaks nothing either.
        assertThat(counted.get("applied")).isGreaterThan(COUNT);
        assertThat(counted.get("approvals")).isGreaterThan(COUNT);
        assertThat(COUNT < 1_000 || faults.keySet().size() == Fault.values().length).as("kinds of faults that happened: %s", faults.keySet()).isTrue();
    }

    private void tell(long last, long nanos) {
        System.out.println("histories: " + (last - FIRST + 1) + " of 3 replicas and 5 clusters, " + steps + " steps, "
                + faults.entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).collect(Collectors.joining(", ", "{", "}")) + ", 0 violations, seeds " + FIRST + "-" + last);
        System.out.println("histories: " + counted + ", " + nanos / 1_000_000 + " ms of a processor, digest " + Long.toHexString(digest));
    }

    private static String told(History.End end) {
        History.End shortest = Shortening.of(end);
        return "histories: seed " + end.plot().seed() + " breaks " + end.violations() + "\nplay it alone: -Dhistories.count=1 -Dhistories.seed=" + end.plot().seed()
                + "\nshortest: " + shortest.plot() + " breaks " + shortest.violations() + "\n" + String.join("\n", shortest.tale());
    }

    @Test
    void aSeedPlaysTheSameHistoryAgain() {
        for (long seed = FIRST; seed < FIRST + 30; seed++) {
            History.End once = History.run(Plot.of(seed));
            History.End again = History.run(Plot.of(seed).toBeTold());
            assertThat(again.digest()).as("seed %d", seed).isEqualTo(once.digest());
            assertThat(again.steps()).isEqualTo(once.steps());
            assertThat(again.faults()).isEqualTo(once.faults());
            assertThat(again.tale()).isEqualTo(History.run(Plot.of(seed).toBeTold()).tale());
        }
    }
}
