package dev.countersign.requests;

import static dev.countersign.requests.RequestState.APPROVED;
import static dev.countersign.requests.RequestState.CHANGES_REQUESTED;
import static dev.countersign.requests.RequestState.LAPSED;
import static dev.countersign.requests.RequestState.REJECTED;
import static dev.countersign.requests.RequestState.SUBMITTED;
import static dev.countersign.requests.RequestState.WITHDRAWN;

import java.util.Optional;

/// The life of a request: the specification of what may follow what. Everything not in this table is refused.
public final class RequestStates {
    /// What can happen to a request after it was submitted.
    public enum Command {
        REVISE,
        WITHDRAW,
        LAPSE,
        APPROVE,
        REJECT,
        REQUEST_CHANGES
    }

    private RequestStates() {}

    /// The state after the command; empty where the command is not possible in that state.
    public static Optional<RequestState> after(RequestState state, Command command) {
        return switch (state) {
            case SUBMITTED -> Optional.of(switch (command) {
                case REVISE -> SUBMITTED;
                case WITHDRAW -> WITHDRAWN;
                case LAPSE -> LAPSED;
                case APPROVE -> APPROVED;
                case REJECT -> REJECTED;
                case REQUEST_CHANGES -> CHANGES_REQUESTED;
            });
            case CHANGES_REQUESTED -> switch (command) {
                case REVISE -> Optional.of(SUBMITTED);
                case WITHDRAW -> Optional.of(WITHDRAWN);
                case LAPSE -> Optional.of(LAPSED);
                case APPROVE, REJECT, REQUEST_CHANGES -> Optional.empty();
            };
            case APPROVED, REJECTED, WITHDRAWN, LAPSED -> Optional.empty();
        };
    }
}
