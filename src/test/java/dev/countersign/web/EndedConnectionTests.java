package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A connection that the database ends in the middle of a request is no accident of the portal, wherever it shows: at the next statement, at
/// the commit, or at the rollback, whose error hides the first.
@PortalTest
class EndedConnectionTests {
    @Autowired
    Tenants tenants;

    @Autowired
    Fixtures fixtures;

    @Autowired
    JdbcClient jdbc;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransactionThatTookTooLongIsToldToComeAgain(boolean asksOnceMore) {
        Throwable thrown = catchThrowable(() -> tenants.inTenant(fixtures.tenant().tenant().id(), () -> {
            jdbc.sql("select set_config('transaction_timeout', '60ms', true)").query(String.class).single();
            sleep(400);
            return asksOnceMore ? jdbc.sql("select 1").query(Integer.class).single() : 0;
        }));
        assertThat(ProblemAdvice.problem(thrown)).as(String.valueOf(thrown)).isInstanceOf(Problem.Unavailable.class);
    }

    @Test
    void aConnectionThatWasEndedByAnAdministratorIsToldToComeAgain() {
        Throwable thrown = catchThrowable(() -> tenants.inTenant(fixtures.tenant().tenant().id(), () ->
                jdbc.sql("select pg_terminate_backend(pg_backend_pid())").query(Boolean.class).single()));
        assertThat(ProblemAdvice.problem(thrown)).as(String.valueOf(thrown)).isInstanceOf(Problem.Unavailable.class);
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
