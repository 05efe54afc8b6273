package dev.countersign.delivery;

import java.time.Instant;

/// A cluster that did not answer: since when delivery leaves it alone, why, and when it is probed next.
public record Breaker(Instant openedAt, Instant probeAt, String words) {}
