package dev.countersign.grants.web;

import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Spot;
import dev.countersign.grants.RolloutPlan.Wave;
import dev.countersign.grants.RolloutPlans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.util.MultiValueMap;

/// The rollout plan as its form has it: a wave a set of fields. Waves without a name and places are left out.
public record RolloutForm(List<WaveForm> waves) {
    private static final Map<String, Duration> UNITS = Map.of("minutes", Duration.ofMinutes(1), "hours", Duration.ofHours(1), "days", Duration.ofDays(1));

    public RolloutForm {
        waves = List.copyOf(waves);
    }

    /// As typed. `places`: one a line or with commas. `unit`: minutes, hours or days.
    public record WaveForm(String name, String places, String pause, String unit, boolean byPerson) {
        static WaveForm of(Wave wave) {
            String unit = UNITS.keySet().stream().filter(word -> wave.pause().toSeconds() % UNITS.get(word).toSeconds() == 0)
                    .max(Comparator.comparing(UNITS::get)).orElse("minutes");
            return new WaveForm(wave.name(), wave.spots().stream().map(Spot::text).collect(Collectors.joining("\n")), Long.toString(wave.pause().dividedBy(UNITS.get(unit))),
                    wave.pause().isZero() ? "hours" : unit, wave.byPerson());
        }

        boolean blank() {
            return name.isBlank() && places.isBlank();
        }

        /// No pause is none; one that is no number is one that the plan refuses.
        Wave wave() {
            return new Wave(name, Arrays.stream(places.split("[,\\s]+")).filter(place -> !place.isBlank()).map(Spot::of).toList(),
                    pause.isEmpty() ? Duration.ZERO : pause.matches("[0-9]{1,5}") ? UNITS.getOrDefault(unit, Duration.ofHours(1)).multipliedBy(Long.parseLong(pause)) : Duration.ofSeconds(-1), byPerson);
        }
    }

    static RolloutForm of(RolloutPlan plan) {
        return new RolloutForm(plan.waves().stream().map(WaveForm::of).toList());
    }

    static RolloutForm read(MultiValueMap<String, String> form) {
        List<String> names = form.getOrDefault("name", List.of());
        List<WaveForm> waves = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            waves.add(new WaveForm(names.get(i), at(form, "places", i), at(form, "pause", i), at(form, "unit", i), at(form, "goes", i).equals("person")));
        }
        return new RolloutForm(waves.stream().filter(wave -> !wave.blank()).toList());
    }

    private static String at(MultiValueMap<String, String> form, String name, int index) {
        List<String> values = form.getOrDefault(name, List.of());
        return index < values.size() ? values.get(index).strip() : "";
    }

    /// With an empty wave to write the next one into; for a plan from nothing, the last one is there already.
    RolloutForm toWriteIn() {
        WaveForm empty = new WaveForm("", "", "1", "hours", false);
        List<WaveForm> all = new ArrayList<>(waves.isEmpty() ? List.of(new WaveForm("Everywhere", "", "0", "hours", false)) : waves);
        if (all.size() < RolloutPlans.MOST_WAVES) {
            all.add(all.size() - 1, empty);
        }
        return new RolloutForm(all);
    }

    List<Wave> plan() {
        return waves.stream().map(WaveForm::wave).toList();
    }
}
