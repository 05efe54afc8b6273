package dev.countersign.approval;

import java.time.Instant;
import java.util.UUID;

/// What one person said about one version of a request, having been shown exactly `digest`. Said once, never changed.
public record Review(
        UUID person, String personName, int version, String digest, Decision decision, String comment, Instant at) {}
