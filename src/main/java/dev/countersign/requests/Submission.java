package dev.countersign.requests;

/// What became of submitting.
public sealed interface Submission {
    record Submitted(long number) implements Submission {}

    /// Nothing was stored; `foresight.refusals()` says why.
    record Refused(Foresight foresight) implements Submission {}
}
