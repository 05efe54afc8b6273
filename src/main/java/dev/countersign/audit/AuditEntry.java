package dev.countersign.audit;

import java.time.Instant;

/// One line of the record as stored. `content` is the exact text that `digest` covers:
/// digest = SHA-256(previous digest ‖ seq as 8 bytes ‖ `at` in microseconds since 1970 as 8 bytes ‖ content as UTF-8).
/// The digest before the first entry is 32 zero bytes. Digests are in lower-case hexadecimal.
public record AuditEntry(long seq, Instant at, String previousDigest, String digest, String content) {}
