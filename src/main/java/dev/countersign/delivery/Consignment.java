package dev.countersign.delivery;

import dev.countersign.clusters.ObjectVersion;
import java.util.List;
import java.util.Optional;

/// A revision in a courier's hands: claimed until the lease ends. Only the holder of the newest `fence` may record what
/// became of it.
///
/// - `known`: the object as we last confirmed it; empty before the first time.
/// - `drifted`: another hand changed what we had applied.
/// - `lastState`, `lastWords`: how it stood before it was claimed.
record Consignment(
        PolicyKey key,
        long revision,
        String yaml,
        List<Long> requests,
        long fence,
        Optional<ObjectVersion> known,
        Optional<Long> appliedRevision,
        boolean drifted,
        int driftRounds,
        int attempts,
        String lastState,
        String lastWords) {}
