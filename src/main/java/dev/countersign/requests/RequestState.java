package dev.countersign.requests;

/// Where a request stands. Terminal states never reopen; `RequestStates` is the table of what may follow.
public enum RequestState {
    SUBMITTED,
    CHANGES_REQUESTED,
    APPROVED,
    REJECTED,
    WITHDRAWN,
    LAPSED;

    public boolean terminal() {
        return this != SUBMITTED && this != CHANGES_REQUESTED;
    }
}
