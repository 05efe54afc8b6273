package dev.countersign.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// That the judge can find something: every planted fault (`Bug`) is found within a bounded number of seeds, each of which is without a
/// violation where nothing is planted.
class PlantedFaultsTests {
    private static final int SEEDS = 1_500;

    @Test
    void everyPlantedFaultIsFound() {
        List<Bug> missed = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (Bug bug : Bug.values()) {
            if (bug == Bug.NONE) {
                continue;
            }
            long seed = 1;
            History.End end = History.run(Plot.of(seed).with(bug));
            while (end.violations().isEmpty() && seed < SEEDS) {
                end = History.run(Plot.of(++seed).with(bug));
            }
            if (end.violations().isEmpty()) {
                missed.add(bug);
            } else {
                found.add(bug + " by seed " + seed + ": " + end.violations().getFirst());
            }
        }
        System.out.println("histories: " + found.size() + " planted faults found\n" + String.join("\n", found));
        assertThat(missed).as("planted and not found within " + SEEDS + " seeds").isEmpty();
    }
}
