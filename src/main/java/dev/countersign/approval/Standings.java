package dev.countersign.approval;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Draws up how far a request has come: from its settlement once it is settled, from the people of now while it waits.
final class Standings {
    private static final int NAMED = 6;

    private Standings() {}

    static Standing of(CurrentPerson me, RequestProgress.Locked request, Plan plan, Eligibility eligibility, Roster roster,
            List<Review> reviews, Optional<Reviews.Settlement> settlement) {
        boolean open = request.state() == RequestState.SUBMITTED;
        List<Standing.StageStanding> stages = settlement
                .map(settled -> settled.stages().stream().map(stage -> settled(stage, reviews)).toList())
                .orElseGet(() -> Tally.of(eligibility, reviews).stages().stream()
                        .map(stage -> waiting(me, stage, reviews, roster, open))
                        .toList());
        return new Standing(request.id(), request.number(), request.version(), request.digest(), request.state(), request.lapsesAt(),
                plan.rule().name(), plan.rule().comment(), stages, reviews, !open || eligibility.possible(),
                open ? eligibility.why() : "", refusal(me, request, eligibility, roster, reviews),
                settlement.map(settled -> new Standing.Settled(settled.outcome(), settled.by(), settled.at())));
    }

    private static Standing.StageStanding settled(Reviews.SettledStage stage, List<Review> reviews) {
        Map<UUID, Review> said = reviews.stream().collect(Collectors.toMap(Review::person, Function.identity()));
        List<Review> agreed = stage.agreed().stream().map(said::get).filter(Objects::nonNull).toList();
        return new Standing.StageStanding(stage.name(), stage.needed(), stage.eligible(), agreed, stage.needed() - agreed.size(), List.of(), 0, false);
    }

    private static Standing.StageStanding waiting(CurrentPerson me, Tally.StageTally stage, List<Review> reviews, Roster roster, boolean open) {
        Set<UUID> spoken = reviews.stream().map(Review::person).collect(Collectors.toSet());
        List<UUID> left = !open || stage.done()
                ? List.of()
                : stage.seats().people().stream().filter(person -> !spoken.contains(person)).toList();
        boolean mine = left.contains(me.id());
        List<String> others = left.stream().filter(person -> !person.equals(me.id())).map(roster::personName).sorted().toList();
        return new Standing.StageStanding(stage.seats().name(), stage.seats().needed(), stage.seats().eligible(), stage.agreed(),
                stage.missing(), others.stream().limit(NAMED).toList(), Math.max(0, others.size() - NAMED), mine);
    }

    private static Optional<String> refusal(
            CurrentPerson me, RequestProgress.Locked request, Eligibility eligibility, Roster roster, List<Review> reviews) {
        if (request.state() != RequestState.SUBMITTED) {
            return Optional.of("Nothing is left to decide.");
        }
        return eligibility.refuses(me.id(), roster).or(() -> reviews.stream()
                .filter(review -> review.person().equals(me.id()))
                .findFirst()
                .map(review -> "You " + DecisionWords.past(review.decision()) + " this version. The others decide now."));
    }
}
