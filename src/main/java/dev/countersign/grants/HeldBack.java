package dev.countersign.grants;

/// Which wave a held grant waits for.
///
/// - `request`: whose rollout it is. `wave` of `waves`, and what the plan calls it.
public record HeldBack(long request, int wave, int waves, String name) {
    /// "wave 2 of 3, Staging".
    public String words() {
        return "wave " + wave + " of " + waves + ", " + name;
    }
}
