package dev.countersign.api;

import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Spot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The rollout plan of the tenant. `version` 0 and no waves: there never was one. `by` is who set this version.
record RolloutPlanDocument(int version, List<WaveDocument> waves, Optional<PlannerDocument> by, Optional<Instant> at) {
    /// `places`: none in the last wave, which takes all the rest.
    record WaveDocument(String name, List<String> places, String pause, Continues continues) {}

    record PlannerDocument(String name) {}

    /// Who lets the next wave in.
    enum Continues {
        ITSELF,
        PERSON
    }

    static RolloutPlanDocument of(RolloutPlan plan) {
        return new RolloutPlanDocument(plan.version(), plan.waves().stream()
                .map(wave -> new WaveDocument(wave.name(), wave.spots().stream().map(Spot::text).toList(), wave.pause().toString(), continues(wave.byPerson())))
                .toList(), plan.author().map(PlannerDocument::new), plan.at());
    }

    static Continues continues(boolean byPerson) {
        return byPerson ? Continues.PERSON : Continues.ITSELF;
    }
}
