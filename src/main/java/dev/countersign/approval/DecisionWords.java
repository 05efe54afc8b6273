package dev.countersign.approval;

/// Decisions as sentences say them.
final class DecisionWords {
    private DecisionWords() {}

    /// Completes "you … this version".
    static String past(Decision decision) {
        return switch (decision) {
            case APPROVE -> "agreed to";
            case REJECT -> "rejected";
            case REQUEST_CHANGES -> "asked for changes to";
        };
    }
}
