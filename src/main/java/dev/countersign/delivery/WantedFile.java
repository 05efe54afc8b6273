package dev.countersign.delivery;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A file as it should be in the repository of its cluster.
///
/// - `content`: the digest that entries of the record name; `yaml`: the exact text.
/// - `due`: somebody waits for it, or for a word about it; the others are only looked at.
/// - `told`: the words of the last entry about its delivery: what was said already is not said again.
/// - `known`: what stands there as far as the portal knows; empty where it never wrote it.
record WantedFile(
        PolicyKey key, long revision, byte[] content, String yaml, List<Long> requests, boolean due, String state, String told, Optional<Known> known) {
    /// - `restores`: how often it was put right in a row, the last time at `restoredAt`.
    record Known(long revision, String yaml, int restores, Optional<Instant> restoredAt) {}

    String digest() {
        return "sha256:" + HexFormat.of().formatHex(content);
    }
}
