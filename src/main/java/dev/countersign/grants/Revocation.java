package dev.countersign.grants;

/// What became of taking a grant back. Every refusal's `message` says what to do.
public sealed interface Revocation {
    /// It is ended; the policies follow.
    record Revoked(long number) implements Revocation {}

    /// Somebody else decides about this grant.
    record NotYours(String message) implements Revocation {}

    /// It had ended already, and stays as it ended.
    record Ended(GrantState state, String message) implements Revocation {}

    /// Taking access away needs a reason of 1 to 4,000 characters.
    record ReasonNeeded(String message) implements Revocation {}

    record Unknown() implements Revocation {}
}
