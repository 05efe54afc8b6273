package dev.countersign.delivery;

import dev.countersign.grants.Grant;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.Halt;
import dev.countersign.grants.Rollout.Wave;
import java.util.List;
import java.util.Optional;

/// How far a rollout is, and what it waits for.
///
/// - `steps`: its waves in order, each with its grants.
/// - `next`: the first wave that was not let in and has a grant that has not ended; empty where nothing is left to let in.
/// - `halts`: what stops it until a person decides. `stopped`: the stops of deliveries that hold it until they are released.
/// - `hindrances`: what is wrong with what is delivered already, in words; it waits until nothing is.
/// - `cut`: the requests whose held access the first policies of the next wave would cut; it waits for them.
/// - `digest`: of all that, `sha256:` and 64 hex digits; a decision names it.
public record RolloutProgress(
        Rollout rollout, List<Step> steps, Optional<Wave> next, List<Halt> halts, List<DeliveryStop> stopped, List<String> hindrances, List<Long> cut, String digest) {
    public RolloutProgress {
        steps = List.copyOf(steps);
        halts = List.copyOf(halts);
        stopped = List.copyOf(stopped);
        hindrances = List.copyOf(hindrances);
        cut = List.copyOf(cut);
    }

    /// A wave and where its grants stand.
    public record Step(Wave wave, List<Line> lines) {
        public Step {
            lines = List.copyOf(lines);
        }

        /// Nothing of it is on its way.
        boolean delivered() {
            return lines.stream().noneMatch(line -> line.delivery() == Delivery.UNDER_WAY || line.delivery() == Delivery.HELD);
        }

        /// What its clusters said that they have.
        public List<Grant> arrived() {
            return lines.stream().filter(line -> line.delivery() == Delivery.DELIVERED).map(Line::grant).toList();
        }

        List<Grant> standing() {
            return lines.stream().map(Line::grant).filter(grant -> grant.state().stands()).toList();
        }
    }

    /// `words`: what is wrong with its policy, or "".
    public record Line(Grant grant, Delivery delivery, String words) {}

    public enum Delivery {
        /// Its wave was not let in.
        HELD,
        /// Its cluster has not confirmed it yet.
        UNDER_WAY,
        /// Its cluster said that it has it.
        DELIVERED,
        /// A roll back keeps it out.
        SUSPENDED,
        ENDED
    }

    Step step(Wave wave) {
        return steps.get(wave.number() - 1);
    }

    Optional<Step> current() {
        return rollout.current().map(this::step);
    }

    /// Whether the next wave may be let in, but for what its first policies would cut.
    boolean ready() {
        return next.isPresent() && halts.isEmpty() && stopped.isEmpty() && hindrances.isEmpty()
                && current().map(step -> step.delivered() && step.wave().rested() && !step.wave().byPerson()).orElse(true);
    }

    /// What the next wave waits for, in sentences; empty where nothing is left to let in.
    public List<String> waitsFor() {
        return next.isEmpty() ? List.of() : RolloutWords.of(this);
    }
}
