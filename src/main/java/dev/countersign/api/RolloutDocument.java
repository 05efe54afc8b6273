package dev.countersign.api;

import dev.countersign.api.RolloutPlanDocument.Continues;
import dev.countersign.delivery.RolloutProgress;
import dev.countersign.grants.Rollout;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a request is that is delivered in waves.
///
/// - `plan`: the version of the plan that it began under; 0 where it waits for another request alone.
/// - `next`: the number of the next wave; null where none is left to let in. `waitsFor`: what it waits for, in sentences.
/// - `digest`: what a continuation binds to; "" where nothing is left to continue.
record RolloutDocument(int plan, List<RolloutWaveDocument> waves, Optional<Integer> next, List<String> waitsFor, String digest) {
    /// `continues`: who lets the next one in; `restsUntil`: the end of its pause; `continued`: who let this one in, if a person did.
    record RolloutWaveDocument(
            int number, String name, Rollout.State state, Instant since, String pause, Continues continues, Optional<Instant> letInAt, Optional<Instant> deliveredAt,
            Optional<Instant> restsUntil, List<RolloutGrantDocument> grants, Optional<ContinuationDocument> continued) {}

    record RolloutGrantDocument(long id, String cluster, String namespace, RolloutProgress.Delivery delivery, String words) {}

    record ContinuationDocument(PersonDocument by, Instant at, Rollout.MadeAs madeAs, String reason) {}

    static RolloutDocument of(RolloutProgress progress) {
        return new RolloutDocument(progress.rollout().plan(), progress.steps().stream().map(RolloutDocument::wave).toList(), progress.next().map(Rollout.Wave::number),
                progress.waitsFor(), progress.digest());
    }

    private static RolloutWaveDocument wave(RolloutProgress.Step step) {
        Rollout.Wave wave = step.wave();
        return new RolloutWaveDocument(wave.number(), wave.name(), wave.state(), wave.since(), wave.pause().toString(), RolloutPlanDocument.continues(wave.byPerson()), wave.admittedAt(),
                wave.deliveredAt(), wave.restsUntil(), step.lines().stream()
                .map(line -> new RolloutGrantDocument(line.grant().number(), line.grant().place().cluster().name(), line.grant().place().target().namespace(), line.delivery(), line.words()))
                .toList(), wave.continued().map(word -> new ContinuationDocument(PersonDocument.of(word.by()), word.at(), word.madeAs(), word.reason())));
    }
}
