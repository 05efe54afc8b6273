package dev.countersign.requests;

/// What became of withdrawing.
public sealed interface Withdrawal {
    record Withdrawn() implements Withdrawal {}

    /// Only the requester withdraws.
    record NotYours() implements Withdrawal {}

    record NotOpen(RequestState state) implements Withdrawal {}

    record Unknown() implements Withdrawal {}
}
