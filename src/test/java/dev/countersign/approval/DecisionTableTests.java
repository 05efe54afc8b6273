package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestStates;
import dev.countersign.requests.RequestStates.Command;
import dev.countersign.requests.Revising;
import dev.countersign.requests.Withdrawal;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// S40 and S12: every state, every command, every role; the table of `RequestStates` is the specification, and a digest of
/// anything else decides nothing.
@PortalTest
class DecisionTableTests {
    @Autowired
    Story stories;

    @Autowired
    RequestDesk desk;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private long in(Story.Cast acme, RequestState state) {
        long number = acme.submit("engineer", Story.usual());
        switch (state) {
            case SUBMITTED -> {}
            case CHANGES_REQUESTED -> acme.decide("owner", number, Decision.REQUEST_CHANGES, "narrower");
            case APPROVED -> acme.decide("owner", number, Decision.APPROVE, "");
            case REJECTED -> acme.decide("owner", number, Decision.REJECT, "no");
            case WITHDRAWN -> acme.in(() -> desk.withdraw(acme.person("engineer"), number, ""));
            case LAPSED -> tenants.inTenant(acme.id(), () -> jdbc.sql("update access_request set state = 'LAPSED' where number = ?").param(number).update());
        }
        assertThat(acme.request(number).state()).isEqualTo(state);
        return number;
    }

    private boolean happened(Story.Cast acme, String username, long number, Command command) {
        return switch (command) {
            case APPROVE -> acme.decide(username, number, Decision.APPROVE, "words") instanceof Deciding.Recorded;
            case REJECT -> acme.decide(username, number, Decision.REJECT, "words") instanceof Deciding.Recorded;
            case REQUEST_CHANGES -> acme.decide(username, number, Decision.REQUEST_CHANGES, "words") instanceof Deciding.Recorded;
            case WITHDRAW -> acme.in(() -> desk.withdraw(acme.person(username), number, "")) instanceof Withdrawal.Withdrawn;
            case REVISE -> acme.in(() -> desk.revise(acme.person(username), number, Story.draft(List.of(new AskSource.Account("production", "order-service")),
                    Story.paths("/one"), new GrantPeriod.For(Duration.ofDays(1))), OptionalInt.empty())) instanceof Revising.Revised;
            case LAPSE -> throw new IllegalArgumentException("nobody commands a lapse");
        };
    }

    @Test
    void everyCommandInEveryStateByEveryRole() {
        var acme = stories.begin();
        int done = 0;
        for (RequestState state : RequestState.values()) {
            for (Command command : Command.values()) {
                if (command == Command.LAPSE) {
                    continue;
                }
                boolean mine = command == Command.REVISE || command == Command.WITHDRAW;
                for (String username : acme.tenant().persons().keySet()) {
                    long number = in(acme, state);
                    boolean may = username.equals(mine ? "engineer" : "owner") && RequestStates.after(state, command).isPresent();
                    assertThat(happened(acme, username, number, command)).as("%s: %s by %s", state, command, username).isEqualTo(may);
                    RequestState expected = may ? RequestStates.after(state, command).orElseThrow() : state;
                    assertThat(acme.request(number).state()).as("after %s: %s by %s", state, command, username).isEqualTo(expected);
                    done += may ? 1 : 0;
                }
            }
        }
        assertThat(done).isEqualTo(7);
    }

    @Test
    void anApprovalOfOneThingIsNoneOfAnother() {
        var acme = stories.begin();
        var globex = stories.begin();
        Map<RequestState, Long> numbers = new EnumMap<>(RequestState.class);
        for (RequestState state : RequestState.values()) {
            numbers.put(state, in(acme, state));
        }
        List<String> foreign = new ArrayList<>(List.of("", "sha256:", "x", "null"));
        numbers.values().forEach(number -> foreign.add(acme.request(number).digest()));
        foreign.add(globex.request(in(globex, RequestState.SUBMITTED)).digest());
        for (long number : numbers.values()) {
            for (String digest : foreign) {
                if (digest.equals(acme.request(number).digest())) {
                    continue;
                }
                RequestState before = acme.request(number).state();
                assertThat(acme.decide("owner", number, Decision.APPROVE, digest, "")).isNotInstanceOf(Deciding.Recorded.class);
                assertThat(acme.request(number).state()).isEqualTo(before);
            }
        }
    }
}
