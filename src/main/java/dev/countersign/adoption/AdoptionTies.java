package dev.countersign.adoption;

import dev.countersign.requests.RequestTies;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Tells requests that they are rules of an adoption.
@Component
class AdoptionTies implements RequestTies {
    private final AdoptionDesk desk;

    AdoptionTies(AdoptionDesk desk) {
        this.desk = desk;
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<Tie> of(long number) {
        return desk.ofRequest(number).map(adoption -> {
            Optional<String> hindrance = adoption.state() == AdoptionState.OPEN || adoption.state() == AdoptionState.ABANDONED ? desk.hindrance(adoption) : Optional.empty();
            int rule = adoption.rules().stream().filter(one -> one.request() == number).findFirst().orElseThrow().rule();
            return new Tie("Adoption " + adoption.number() + ": rule " + rule + " of " + adoption.rules().size() + " of the policy " + adoption.inCluster()
                    + " in " + adoption.cluster().name() + ".", hindrance.orElseGet(() -> words(adoption)), hindrance.isEmpty(), "/adoptions/" + adoption.number());
        });
    }

    static String words(Adoption adoption) {
        return switch (adoption.state()) {
            case OPEN -> "Proven: with every rule approved and delivered, and that policy removed, exactly the calls pass that pass today.";
            case ABANDONED -> "It will not be completed: one of its requests is rejected, withdrawn or lapsed. The policy stays in the cluster.";
            case WAITING -> adoption.words().isEmpty() ? "Every rule is approved. The policy is removed as soon as the cluster holds them in ours." : adoption.words();
            case REMOVING -> adoption.words().isEmpty() ? "The policy is being removed from the cluster." : adoption.words();
            case REMOVED -> adoption.words().isEmpty() ? "The policy was removed from the cluster; its rules live on in ours." : adoption.words();
            case STOPPED -> adoption.words();
        };
    }

    @Override
    @Transactional(readOnly = true)
    public Map<Long, String> names(Collection<Long> numbers) {
        return desk.ofRequests(numbers).entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> "adoption " + entry.getValue()));
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<String> hindersApproval(long number) {
        return desk.ofRequest(number).flatMap(desk::hindrance);
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<String> hindersOtherAsk(long number) {
        return desk.ofRequest(number).map(adoption -> "This is a rule of the policy " + adoption.inCluster()
                + " as it is, and asks for exactly that. Withdraw the adoption to ask for something else.");
    }
}
