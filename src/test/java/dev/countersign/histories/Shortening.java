package dev.countersign.histories;

/// The shortest tale of a violation that is found by leaving out kinds of faults and requests.
final class Shortening {
    private Shortening() {}

    static History.End of(History.End found) {
        History.End shortest = found;
        for (boolean shorter = true; shorter;) {
            shorter = false;
            for (Fault fault : found.faults().keySet()) {
                if (!shortest.plot().without().contains(fault)) {
                    History.End tried = History.run(shortest.plot().without(fault));
                    if (!tried.violations().isEmpty() && tried.steps() <= shortest.steps()) {
                        shortest = tried;
                        shorter = true;
                    }
                }
            }
            if (shortest.plot().requests() > 1) {
                History.End tried = History.run(shortest.plot().atMost(shortest.plot().requests() - 1));
                if (!tried.violations().isEmpty() && tried.steps() < shortest.steps()) {
                    shortest = tried;
                    shorter = true;
                }
            }
        }
        return History.run(shortest.plot().toBeTold());
    }
}
