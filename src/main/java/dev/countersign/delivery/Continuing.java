package dev.countersign.delivery;

/// What became of letting the next wave of a rollout in. Every refusal's `message` says what to do.
public sealed interface Continuing {
    /// The wave is let in; its grants are delivered.
    record Continued(int wave) implements Continuing {}

    /// Somebody else decides about this.
    record NotYours(String message) implements Continuing {}

    /// What was shown is not how it stands now; `digest` is of how it does.
    record Moved(String message, String digest) implements Continuing {}

    /// A stop of deliveries holds it, and is released first.
    record Stopped(long stop, String message) implements Continuing {}

    /// Nothing is left to let in.
    record Nothing(String message) implements Continuing {}

    /// It needs a reason of 1 to 4,000 characters.
    record ReasonNeeded(String message) implements Continuing {}

    /// There is no such request here, or it is not delivered in waves.
    record Unknown(String what) implements Continuing {}
}
