package dev.countersign.delivery;

/// What became of rolling a policy back, or of lifting a suspension. Every refusal's `message` says what to do.
public sealed interface RollingBack {
    /// The grants are suspended; the policy follows.
    record Suspended(long number) implements RollingBack {}

    /// The suspension is lifted; what it kept out is delivered.
    record Resumed(long number) implements RollingBack {}

    /// Somebody else decides about this.
    record NotYours(String message) implements RollingBack {}

    /// What was shown is not what would happen now; `digest` is of what would, and `current` the revision that stands.
    record Moved(String message, String digest, long current) implements RollingBack {}

    /// Nothing is left to do.
    record Nothing(String message) implements RollingBack {}

    /// Both need a reason of 1 to 4,000 characters.
    record ReasonNeeded(String message) implements RollingBack {}

    /// What would be left cannot become a policy, so that the cluster would go on as it is.
    record Impossible(String message) implements RollingBack {}

    /// There is no such policy, revision or suspension here.
    record Unknown(String what) implements RollingBack {}
}
