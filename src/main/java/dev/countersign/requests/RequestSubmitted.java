package dev.countersign.requests;

import java.util.UUID;

/// A version of a request stands and waits to be decided: the first by submitting, a later one by revising. Published in that
/// transaction, after the version was written and before it commits: a listener that throws undoes it.
///
/// - `outlook`: what was seen when it was submitted, in this transaction: its effect is known, else it could not be submitted.
public record RequestSubmitted(UUID requestId, long number, int version, RequestProgress.Outlook outlook) {}
