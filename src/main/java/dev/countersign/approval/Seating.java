package dev.countersign.approval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// Seats people in stages so that as many seats as possible are taken, each person in one only. Depends on the set of people,
/// not on the order in which they spoke: whoever could sit in two stages is moved to where they are missed.
final class Seating {
    private final List<Seats> stages;
    private final List<Set<UUID>> taken = new ArrayList<>();

    private Seating(List<Seats> stages) {
        this.stages = stages;
        stages.forEach(stage -> taken.add(new TreeSet<>()));
    }

    /// For each stage, in order, who sits in it.
    static List<Set<UUID>> of(List<Seats> stages, Collection<UUID> people) {
        Seating seating = new Seating(stages);
        int seats = stages.stream().mapToInt(Seats::needed).sum();
        int seated = 0;
        for (UUID person : new TreeSet<>(people)) {
            if (seated == seats) {
                break;
            }
            if (seating.seat(person, new HashSet<>())) {
                seated++;
            }
        }
        return seating.taken.stream().map(Set::copyOf).toList();
    }

    /// An augmenting path from the person to a free seat; nobody who sits loses their seat, they only change it.
    private boolean seat(UUID person, Set<Integer> visited) {
        for (int i = 0; i < stages.size(); i++) {
            Seats stage = stages.get(i);
            if (!stage.people().contains(person) || !visited.add(i)) {
                continue;
            }
            if (taken.get(i).size() < stage.needed()) {
                return taken.get(i).add(person);
            }
            for (UUID sitting : List.copyOf(taken.get(i))) {
                if (seat(sitting, visited)) {
                    taken.get(i).remove(sitting);
                    return taken.get(i).add(person);
                }
            }
        }
        return false;
    }
}
