package dev.countersign.approval;

import java.util.List;

/// One step of a rule: so many different people of those named must agree. Refuses to exist without a seat or without anyone
/// to sit in it: an empty approver set must never read as approved.
record Stage(String name, int needed, List<Eligible> eligible) {
    static final int MOST_NEEDED = 9;

    Stage {
        name = name.strip();
        eligible = eligible.stream().distinct().toList();
        if (name.isEmpty() || name.length() > 60) {
            throw new IllegalArgumentException("a stage needs a name of 1 to 60 characters");
        }
        if (needed < 1 || needed > MOST_NEEDED) {
            throw new IllegalArgumentException("stage \"" + name + "\" needs 1 to " + MOST_NEEDED + " people, not " + needed);
        }
        if (eligible.isEmpty()) {
            throw new IllegalArgumentException("stage \"" + name + "\" names nobody who may decide");
        }
        if (eligible.stream().allMatch(Eligible.Named.class::isInstance) && eligible.size() < needed) {
            throw new IllegalArgumentException(
                    "stage \"" + name + "\" needs " + needed + " people and names only " + eligible.size());
        }
    }

    boolean asksTheOwner() {
        return eligible.stream().anyMatch(Eligible.Owner.class::isInstance);
    }
}
