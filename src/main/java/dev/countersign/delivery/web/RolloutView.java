package dev.countersign.delivery.web;

import dev.countersign.delivery.RolloutProgress;
import dev.countersign.delivery.RolloutProgress.Line;
import dev.countersign.delivery.RolloutProgress.Step;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.Wave;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rollout as pages show it: its waves from the first to the last, and what the next one waits for.
///
/// - `next`: the number of the next wave; null where none is left to let in. `mayGoOn`: whether this person may let it in.
/// - `stopped`: it waits for a stop to be released, which nobody passes over.
public record RolloutView(long request, int plan, List<WaveView> waves, List<String> waitsFor, @Nullable Integer next, boolean mayGoOn, boolean stopped, String digest) {
    public RolloutView {
        waves = List.copyOf(waves);
        waitsFor = List.copyOf(waitsFor);
    }

    /// `shape` is one of those of `stages`; `rule`: what comes after it, by the plan.
    public record WaveView(
            int number, String name, String shape, String kind, String state, Instant since, String rule, @Nullable Instant restsUntil, List<LineView> lines, Rollout.@Nullable Continuation continued) {}

    public record LineView(long grant, String cluster, String namespace, String kind, String state, String words) {}

    static RolloutView of(RolloutProgress progress, boolean mayGoOn) {
        Rollout rollout = progress.rollout();
        return new RolloutView(rollout.request(), rollout.plan(), progress.steps().stream().map(step -> wave(step, step.wave().number() == rollout.waves().size())).toList(),
                progress.waitsFor(), progress.next().map(Wave::number).orElse(null), mayGoOn && progress.next().isPresent(), !progress.stopped().isEmpty(), progress.digest());
    }

    private static WaveView wave(Step step, boolean last) {
        Wave wave = step.wave();
        String kind = switch (wave.state()) {
            case WAITING -> wave.number() == 1 ? "waits" : "empty";
            case RUNNING, PAUSED, WAITING_FOR_PERSON -> "waits";
            case DONE -> step.arrived().isEmpty() ? "over" : "done";
            case STOPPED -> "fails";
        };
        String state = switch (wave.state()) {
            case WAITING -> wave.number() == 1 ? "waits" : "not yet";
            case RUNNING -> "is being delivered";
            case PAUSED -> "delivered, rests";
            case WAITING_FOR_PERSON -> "delivered, waits for a person";
            case DONE -> step.arrived().isEmpty() ? "nothing of it is left" : "delivered";
            case STOPPED -> "stopped";
        };
        return new WaveView(wave.number(), wave.name(), kind.equals("over") ? "empty" : kind, kind, state, wave.since(), last ? "" : rule(wave),
                wave.state() == Rollout.State.PAUSED ? wave.restsUntil().orElse(null) : null, step.lines().stream().map(RolloutView::line).toList(), wave.continued().orElse(null));
    }

    private static LineView line(Line line) {
        String kind = switch (line.delivery()) {
            case HELD -> "empty";
            case UNDER_WAY, SUSPENDED -> "waits";
            case DELIVERED -> line.words().isEmpty() ? "done" : "fails";
            case ENDED -> "over";
        };
        String state = switch (line.delivery()) {
            case HELD -> "held";
            case UNDER_WAY -> "under way";
            case DELIVERED -> "delivered";
            case SUSPENDED -> "suspended";
            case ENDED -> "ended";
        };
        return new LineView(line.grant().number(), line.grant().place().cluster().name(), line.grant().place().target().namespace(), kind, state, line.words());
    }

    private static String rule(Wave wave) {
        return wave.byPerson() ? "then a person lets the next one in"
                : wave.pause().isZero() ? "then the next one, if nothing is wrong" : "then rests for " + span(wave.pause()) + ", then the next one, if nothing is wrong";
    }

    private static String span(Duration pause) {
        List<String> words = new ArrayList<>();
        count(words, pause.toDays(), "day");
        count(words, pause.toHoursPart(), "hour");
        count(words, pause.toMinutesPart(), "minute");
        count(words, pause.toSecondsPart(), "second");
        return String.join(" ", words);
    }

    private static void count(List<String> words, long count, String unit) {
        if (count > 0) {
            words.add(count + " " + unit + (count == 1 ? "" : "s"));
        }
    }
}
