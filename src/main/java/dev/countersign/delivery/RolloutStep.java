package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.delivery.RolloutProgress.Step;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.State;
import dev.countersign.grants.Rollout.Wave;
import dev.countersign.grants.Rollouts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Takes rollouts as far as they may go by themselves. Level-based: what a wave is, is seen from what its clusters said, so that a lost
/// wake-up costs seconds and any number of replicas may do it.
///
/// A wave is let in when every grant of the one before is delivered, its pause has passed by the database's clock, and nothing is
/// wrong with what is delivered. Nothing is let in while a stop of deliveries holds a place of it, nor after a roll back or a
/// revocation until a person decides.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class RolloutStep {
    private static final Actor ROLLOUT = Actor.system("rollout");

    private final Rollouts rollouts;
    private final RolloutWatch watch;

    RolloutStep(Rollouts rollouts, RolloutWatch watch) {
        this.rollouts = rollouts;
        this.watch = watch;
    }

    /// Of these requests those for whose rollouts something is to be written now.
    public List<Long> due(List<Long> requests) {
        return rollouts.of(requests).stream().map(watch::of).filter(this::moves).map(progress -> progress.rollout().request()).toList();
    }

    private boolean moves(RolloutProgress progress) {
        return progress.steps().stream().anyMatch(step -> newlyDelivered(step) || !stands(progress, step).equals(new Stands(step.wave().state(), step.wave().words())))
                || !watch.together(progress).isEmpty();
    }

    /// What is to be done for the rollout of the request, in this transaction: looked at once more, while nobody changes a grant of it.
    public void take(long request) {
        Optional<Rollout> found = rollouts.of(request);
        if (found.isEmpty()) {
            return;
        }
        Map<Long, Rollout> together = new HashMap<>(Map.of(request, found.get()));
        watch.together(watch.of(found.get())).forEach(one -> together.put(one.rollout().request(), one.rollout()));
        rollouts.hold(together.values());
        RolloutProgress progress = watch.of(rollouts.of(request).orElseThrow());
        for (Step step : progress.steps()) {
            if (newlyDelivered(step)) {
                rollouts.delivered(progress.rollout(), step.wave(), step.arrived());
            }
        }
        RolloutProgress now = watch.of(rollouts.of(request).orElseThrow());
        for (Step step : now.steps()) {
            Stands stands = stands(now, step);
            rollouts.stand(now.rollout(), step.wave(), stands.state(), stands.words());
        }
        List<RolloutProgress> ready = watch.together(now);
        if (ready.stream().allMatch(one -> together.containsKey(one.rollout().request()))) {
            admit(ready);
        }
    }

    private void admit(List<RolloutProgress> ready) {
        for (RolloutProgress one : ready) {
            one.current().ifPresent(step -> rollouts.left(one.rollout(), step.wave(), true));
            Wave next = one.next().orElseThrow();
            rollouts.admit(one.rollout(), next, one.step(next).standing(), ROLLOUT);
        }
    }

    private static boolean newlyDelivered(Step step) {
        return step.wave().letIn() && step.wave().deliveredAt().isEmpty() && step.delivered() && step.wave().state() != State.DONE;
    }

    private record Stands(State state, String words) {}

    /// How a wave stands by what is seen: only the last one that was let in, or the first, may rest or be stopped.
    private static Stands stands(RolloutProgress progress, Step step) {
        Wave wave = step.wave();
        if (wave.state() == State.DONE) {
            return new Stands(State.DONE, "");
        }
        boolean leads = progress.rollout().current().map(wave::equals).orElse(wave.number() == 1);
        if (progress.next().isPresent() && leads) {
            List<String> stops = RolloutWords.stops(progress);
            return stops.isEmpty() ? new Stands(leading(step), "") : new Stands(State.STOPPED, String.join(" ", stops));
        }
        if (wave.letIn()) {
            return new Stands(step.delivered() ? State.DONE : State.RUNNING, "");
        }
        return new Stands(step.standing().isEmpty() ? State.DONE : State.WAITING, "");
    }

    private static State leading(Step step) {
        Wave wave = step.wave();
        if (!wave.letIn()) {
            return State.WAITING;
        }
        if (!step.delivered() || wave.deliveredAt().isEmpty()) {
            return State.RUNNING;
        }
        return wave.byPerson() ? State.WAITING_FOR_PERSON : State.PAUSED;
    }
}
