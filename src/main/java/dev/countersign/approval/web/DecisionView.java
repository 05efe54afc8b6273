package dev.countersign.approval.web;

import dev.countersign.approval.Decision;

/// A decision as pages say it: on a button, and when it is done.
public record DecisionView(String value, String verb, String past) {
    static DecisionView of(Decision decision) {
        return switch (decision) {
            case APPROVE -> new DecisionView("APPROVE", "Approve", "agreed");
            case REJECT -> new DecisionView("REJECT", "Reject", "rejected it");
            case REQUEST_CHANGES -> new DecisionView("REQUEST_CHANGES", "Ask for changes", "asked for changes");
        };
    }
}
