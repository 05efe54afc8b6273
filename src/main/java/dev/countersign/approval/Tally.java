package dev.countersign.approval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the reviews of one version amount to, given who may decide at this moment.
///
/// - A rejection or a wish for changes by one eligible person settles it.
/// - It is approved when every seat of every stage is taken by an eligible person who agreed, each in one seat only.
/// - The word of someone who is not, or no longer, eligible counts for nothing.
/// - Where nobody may decide it stays pending: an empty approver set approves nothing.
record Tally(List<StageTally> stages, Outcome outcome) {
    enum Outcome {
        PENDING,
        APPROVED,
        REJECTED,
        CHANGES_REQUESTED
    }

    /// A stage, who agreed in it, and how many are missing.
    record StageTally(Seats seats, List<Review> agreed, int missing) {
        boolean done() {
            return missing == 0;
        }
    }

    Tally {
        stages = List.copyOf(stages);
    }

    static Tally of(Eligibility eligibility, List<Review> reviews) {
        List<Seats> stages = eligibility.stages();
        Set<UUID> mayDecide = Eligibility.everyone(stages);
        Map<UUID, Review> counted = reviews.stream()
                .filter(review -> mayDecide.contains(review.person()))
                .collect(Collectors.toMap(Review::person, Function.identity(), (first, later) -> first));
        Set<UUID> agreed = counted.values().stream()
                .filter(review -> review.decision() == Decision.APPROVE)
                .map(Review::person)
                .collect(Collectors.toCollection(TreeSet::new));
        List<Set<UUID>> seated = Seating.of(stages, agreed);
        List<StageTally> tallies = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            List<Review> words = seated.get(i).stream()
                    .map(counted::get)
                    .sorted(java.util.Comparator.comparing(Review::at).thenComparing(Review::person))
                    .toList();
            tallies.add(new StageTally(stages.get(i), words, stages.get(i).needed() - words.size()));
        }
        return new Tally(tallies, outcome(eligibility, counted, seated));
    }

    private static Outcome outcome(Eligibility eligibility, Map<UUID, Review> counted, List<Set<UUID>> seated) {
        if (counted.values().stream().anyMatch(review -> review.decision() == Decision.REJECT)) {
            return Outcome.REJECTED;
        }
        if (counted.values().stream().anyMatch(review -> review.decision() == Decision.REQUEST_CHANGES)) {
            return Outcome.CHANGES_REQUESTED;
        }
        return eligibility.possible() && Eligibility.filled(eligibility.stages(), seated) ? Outcome.APPROVED : Outcome.PENDING;
    }
}
