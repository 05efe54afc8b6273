package dev.countersign.api;

import dev.countersign.api.RolloutPlanDocument.Continues;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Spot;
import dev.countersign.grants.RolloutPlans;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// The waves as they are to be from now on; none: what is approved is delivered everywhere at once.
record RolloutPlanBody(List<WaveBody> waves) {
    /// `places`: `west/staging` or `west`; none in the last wave, which takes all the rest. `pause` is ISO 8601, PT0S without one;
    /// `continues`: ITSELF without a word.
    record WaveBody(String name, List<String> places, Optional<String> pause, Optional<Continues> continues) {}

    static RolloutPlanBody read(Member body) {
        body.objectOf("waves");
        Member waves = body.of("waves");
        if (waves.absent()) {
            waves.wrong("This is missing.");
        }
        return new RolloutPlanBody(waves.list(RolloutPlans.MOST_WAVES, RolloutPlanBody::wave));
    }

    private static WaveBody wave(Member wave) {
        wave.objectOf("name", "places", "pause", "continues");
        Optional<String> pause = wave.of("pause").optionalText(40);
        if (pause.isPresent() && length(pause.get()).isEmpty()) {
            wave.of("pause").wrong("This is a length of time in ISO 8601, such as PT1H or P1D.");
        }
        return new WaveBody(wave.of("name").text(60), wave.of("places").list(50, place -> place.text(127)), pause, wave.of("continues").word(Continues.class));
    }

    List<RolloutPlan.Wave> plan() {
        return waves.stream()
                .map(wave -> new RolloutPlan.Wave(wave.name(), wave.places().stream().map(Spot::of).toList(), wave.pause().flatMap(RolloutPlanBody::length).orElse(Duration.ZERO),
                        wave.continues().equals(Optional.of(Continues.PERSON))))
                .toList();
    }

    private static Optional<Duration> length(String text) {
        try {
            return Optional.of(Duration.parse(text));
        } catch (DateTimeParseException wrong) {
            return Optional.empty();
        }
    }
}
