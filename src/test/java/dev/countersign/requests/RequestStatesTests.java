package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.requests.RequestStates.Command;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// All states with all commands, written out by hand: the table is the specification.
class RequestStatesTests {
    private static final Map<RequestState, Map<Command, RequestState>> TABLE = Map.of(
            RequestState.SUBMITTED, Map.of(
                    Command.REVISE, RequestState.SUBMITTED,
                    Command.WITHDRAW, RequestState.WITHDRAWN,
                    Command.LAPSE, RequestState.LAPSED,
                    Command.APPROVE, RequestState.APPROVED,
                    Command.REJECT, RequestState.REJECTED,
                    Command.REQUEST_CHANGES, RequestState.CHANGES_REQUESTED),
            RequestState.CHANGES_REQUESTED, Map.of(
                    Command.REVISE, RequestState.SUBMITTED,
                    Command.WITHDRAW, RequestState.WITHDRAWN,
                    Command.LAPSE, RequestState.LAPSED),
            RequestState.APPROVED, Map.of(),
            RequestState.REJECTED, Map.of(),
            RequestState.WITHDRAWN, Map.of(),
            RequestState.LAPSED, Map.of());

    @Test
    void everyStateWithEveryCommandIsAsTheTableSays() {
        for (RequestState state : RequestState.values()) {
            for (Command command : Command.values()) {
                assertThat(RequestStates.after(state, command)).as(state + " " + command)
                        .isEqualTo(Optional.ofNullable(TABLE.get(state).get(command)));
            }
        }
    }

    @Test
    void exactlyTheTerminalStatesGoNowhere() {
        for (RequestState state : RequestState.values()) {
            assertThat(state.terminal()).as(state.name()).isEqualTo(TABLE.get(state).isEmpty());
        }
        assertThat(EnumSet.allOf(RequestState.class).stream().filter(RequestState::terminal)).hasSize(4);
    }
}
