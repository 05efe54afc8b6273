package dev.countersign.api;

import dev.countersign.requests.Effect;
import dev.countersign.requests.ForeseenEffect;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What granting would change for calls, over all clusters.
///
/// - `firstAllow`: clusters where it would be the first ALLOW on the workload, which closes it for everyone it does not name.
/// - `uncertain`: what cannot be decided here. Never read it as "no change".
/// - `seenAt`: when it was foreseen; null for as of now.
/// - `leftOut`: how many lines were foreseen then and are not listed.
record EffectDocument(
        Effect.Verdict verdict, List<String> firstAllow, List<LineDocument> newlyAllowed, List<LineDocument> newlyCut, List<LineDocument> uncertain,
        Optional<Instant> seenAt, int leftOut) {
    record LineDocument(String cluster, String description, Optional<WitnessDocument> witness) {}

    static EffectDocument of(Effect effect) {
        return of(effect, Optional.empty(), 0);
    }

    static EffectDocument of(ForeseenEffect foreseen) {
        return of(foreseen.effect(), Optional.of(foreseen.takenAt()), foreseen.leftOut());
    }

    private static EffectDocument of(Effect effect, Optional<Instant> seenAt, int leftOut) {
        return new EffectDocument(effect.verdict(), effect.firstAllow(), lines(effect.newlyAllowed()), lines(effect.newlyCut()), lines(effect.uncertain()),
                seenAt, leftOut);
    }

    private static List<LineDocument> lines(List<Effect.Line> lines) {
        return lines.stream().map(line -> new LineDocument(line.cluster(), line.description(), witness(line.witness()))).toList();
    }

    private static Optional<WitnessDocument> witness(Map<String, String> call) {
        return call.isEmpty() ? Optional.empty()
                : Optional.of(new WitnessDocument(call.getOrDefault("from", ""), call.getOrDefault("to", ""), Optional.ofNullable(call.get("method")),
                        Optional.ofNullable(call.get("path")), Optional.ofNullable(call.get("host")), Integer.parseInt(call.getOrDefault("port", "0"))));
    }
}
