package dev.countersign.approval;

import dev.countersign.requests.AskFact;

/// Facts of an ask as a sentence says them.
final class FactWords {
    private FactWords() {}

    /// Completes "because …".
    static String of(AskFact fact) {
        return switch (fact) {
            case CROSS_NAMESPACE -> "a caller is in another namespace";
            case SAME_NAMESPACE_PATHS -> "all callers are in the service's namespace and every operation names paths";
            case WHOLE_SERVICE -> "an operation is not limited to paths";
            case WILDCARD_PRINCIPAL -> "a caller is more than one service account";
            case WILDCARD_METHOD -> "an operation is not limited to methods";
            case PERMANENT -> "the access has no end";
            case SEVERAL_CLUSTERS -> "the access is for more than one cluster";
        };
    }
}
