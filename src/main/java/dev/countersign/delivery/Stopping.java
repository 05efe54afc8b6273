package dev.countersign.delivery;

/// What became of stopping deliveries, or of releasing a stop. Every refusal's `message` says what to do.
public sealed interface Stopping {
    /// It holds from this moment.
    record Stopped(long number) implements Stopping {}

    /// It holds no more; what waited is delivered.
    record Released(long number) implements Stopping {}

    /// Somebody else decides about this.
    record NotYours(String message) implements Stopping {}

    /// It is stopped already, or was released already; `number` is that stop.
    record Already(long number, String message) implements Stopping {}

    /// Both need a reason of 1 to 4,000 characters.
    record ReasonNeeded(String message) implements Stopping {}

    /// There is no such cluster, workload or stop here.
    record Unknown(String what) implements Stopping {}
}
