package dev.countersign.policy.reason;

import java.util.Map;

/// Every combination of matchers that something realises, each with such a thing. Not `complete`: there were more of them
/// than can be looked at, and some are missing.
record Combinations<T>(Map<AtomSet, T> found, boolean complete) {
    static <T> Combinations<T> all(Map<AtomSet, T> found) {
        return new Combinations<>(found, true);
    }
}
