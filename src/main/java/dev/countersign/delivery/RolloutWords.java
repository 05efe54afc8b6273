package dev.countersign.delivery;

import dev.countersign.grants.Rollout.Halt;
import dev.countersign.grants.Rollout.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a rollout waits for, as people read it.
final class RolloutWords {
    private RolloutWords() {}

    /// What stops it comes first, then what it waits for by itself.
    static List<String> of(RolloutProgress progress) {
        List<String> words = new ArrayList<>(stops(progress));
        words.addAll(progress.hindrances());
        progress.current().ifPresent(step -> {
            long open = step.lines().stream().filter(line -> line.delivery() == RolloutProgress.Delivery.UNDER_WAY).count();
            if (open > 0) {
                words.add("Wave " + step.wave().number() + " is not delivered everywhere yet: " + open + " of " + step.lines().size() + " " + (open == 1 ? "is" : "are") + " under way.");
            } else if (progress.halts().isEmpty() && step.wave().byPerson()) {
                words.add("The plan asks a person of security or an administrator to let wave " + progress.next().map(Wave::number).orElseThrow() + " in.");
            } else if (!step.wave().rested()) {
                words.add("Wave " + step.wave().number() + " rests until its pause is over.");
            }
        });
        if (!progress.cut().isEmpty()) {
            words.add("Its first policy would cut what " + requests(progress.cut()) + " allowed and not delivered there yet. They go in together.");
        }
        return words;
    }

    /// Why it is stopped, each in a sentence; empty where it is not.
    static List<String> stops(RolloutProgress progress) {
        List<String> words = new ArrayList<>();
        progress.halts().stream().map(Halt::words).forEach(words::add);
        progress.stopped().forEach(stop -> words.add("Deliveries of " + stop.what() + " in cluster " + stop.cluster().name() + " were " + stop.words()));
        return words;
    }

    private static String requests(List<Long> numbers) {
        return (numbers.size() == 1 ? "request " : "requests ") + numbers.stream().map(String::valueOf).collect(Collectors.joining(", ")) + (numbers.size() == 1 ? " is" : " are");
    }
}
