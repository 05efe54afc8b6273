package dev.countersign.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Histories of three replicas, five clusters and two tenants, each drawn from a seed, with every fault between any two steps
/// (`Fault`), judged by I1 to I4, I6, I7 and I9 (`Judge`). `-Dhistories.count=1000000 -Dhistories.seed=1` plays more, and others; a seed that fails
/// plays the same again to the last step.
class HistoriesTests {
    private static final long COUNT = Long.getLong("histories.count", 2_000);
    private static final long FIRST = Long.getLong("histories.seed", 1);

    @Test
    void noHistoryBreaksAnInvariant() {
        Map<Fault, Long> faults = new EnumMap<>(Fault.class);
        long steps = 0;
        java.lang.management.ThreadMXBean threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long started = threads.getCurrentThreadCpuTime();
        java.util.TreeMap<String, Long> counted = new java.util.TreeMap<>();
        for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
            History.End end = History.run(Plot.of(seed));
            if (!end.violations().isEmpty()) {
                History.End shortest = Shortening.of(end);
                throw new AssertionError("histories: seed " + seed + " violates " + end.violations() + "\nshortest (" + shortest.plot() + ") " + shortest.violations() + "\n"
                        + String.join("\n", shortest.tale()));
            }
            steps += end.steps();
            end.faults().forEach((fault, times) -> faults.merge(fault, (long) times, Long::sum));
            end.counted().forEach((what, times) -> counted.merge(what, (long) times, Long::sum));
        }
        System.out.println("histories: " + COUNT + " of 3 replicas and 5 clusters, " + steps + " steps, "
                + faults.entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).collect(Collectors.joining(", ", "{", "}"))
                + ", 0 violations, seeds " + FIRST + "-" + (FIRST + COUNT - 1) + " " + counted + " " + (threads.getCurrentThreadCpuTime() - started) / 1_000_000 + " ms of its processor");
    }
}
