package dev.countersign.histories;

import java.util.EnumSet;
import java.util.Set;

/// Which history: the same plot gives the same history to the last step.
///
/// - `without`: kinds of faults that do not happen, whatever the seed draws.
/// - `requests`: the most that there are.
/// - `told`: whether the tale of it is kept.
record Plot(long seed, Bug bug, Set<Fault> without, int requests, boolean told) {
    static final int REQUESTS = 5;

    static Plot of(long seed) {
        return new Plot(seed, Bug.NONE, Set.of(), REQUESTS, false);
    }

    Plot with(Bug planted) {
        return new Plot(seed, planted, without, requests, told);
    }

    Plot without(Fault fault) {
        EnumSet<Fault> fewer = EnumSet.of(fault);
        fewer.addAll(without);
        return new Plot(seed, bug, fewer, requests, told);
    }

    Plot atMost(int fewer) {
        return new Plot(seed, bug, without, fewer, told);
    }

    Plot toBeTold() {
        return new Plot(seed, bug, without, requests, true);
    }
}
