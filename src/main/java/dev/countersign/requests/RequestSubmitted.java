package dev.countersign.requests;

import java.util.UUID;

/// A version of a request stands and waits to be decided: the first by submitting, a later one by revising. Published in that
/// transaction, after the version was written and before it commits: a listener that throws undoes it.
public record RequestSubmitted(UUID requestId, long number, int version) {}
