package dev.countersign.approval.web;

import dev.countersign.requests.RequestState;

/// A request's state as word and kind of shape.
public record StateWord(String kind, String word) {
    static StateWord of(RequestState state) {
        return switch (state) {
            case SUBMITTED -> new StateWord("waits", "waits");
            case CHANGES_REQUESTED -> new StateWord("waits", "waits for changes");
            case APPROVED -> new StateWord("done", "approved");
            case REJECTED -> new StateWord("fails", "rejected");
            case WITHDRAWN -> new StateWord("over", "withdrawn");
            case LAPSED -> new StateWord("over", "lapsed");
        };
    }
}
