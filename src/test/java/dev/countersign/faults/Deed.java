package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.UUID;

/// What a client wants when something happens to the replica that it asks. APPROVE and REVOKE go on to the delivery of what
/// they decide; of DELIVER the decision is made elsewhere.
enum Deed {
    SUBMIT,
    APPROVE,
    DELIVER,
    REVOKE;

    /// One attempt: the request that it is about (0 where it makes one), the key of the client's retries, and what is asked for.
    record Attempt(long number, UUID key, String ask) {}

    /// Makes what must be there before.
    Attempt prepare(Laboratory lab) throws Exception {
        long number = switch (this) {
            case SUBMIT -> 0;
            case APPROVE, DELIVER -> lab.submit();
            case REVOKE -> lab.granted();
        };
        return new Attempt(number, UUID.randomUUID(), lab.ask());
    }

    /// Does it, by the victim, whose couriers are the only ones meanwhile, with `blow` struck at the boundary; without a death
    /// nothing is struck, and the boundary only watches. Answers what was struck.
    Optional<Boundary.Struck> perform(Laboratory lab, Replica victim, Attempt attempt, Optional<Death> death, Runnable blow) throws Exception {
        lab.couriersHere().stop();
        try {
            death.ifPresentOrElse(at -> lab.boundary.arm(at.question()::equals, at.moment(), blow), lab.boundary::watch);
            ask(lab, victim, attempt);
            for (int i = 0; i < 100 && victim.alive() && lab.boundary.struck().isEmpty() && !lab.settled(); i++) {
                Thread.sleep(20);
            }
        } catch (IOException struck) {
            // the client got no answer
        } finally {
            lab.boundary.disarm();
            lab.couriersHere().start();
        }
        return lab.boundary.struck();
    }

    private void ask(Laboratory lab, Replica victim, Attempt attempt) throws Exception {
        switch (this) {
            case SUBMIT -> victim.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask());
            case APPROVE -> lab.review(victim, attempt.number(), attempt.key());
            // Decided here, past the proxy of the victim's database.
            case DELIVER -> lab.review(lab.here, attempt.number(), attempt.key());
            case REVOKE -> lab.revoke(victim, attempt.number(), attempt.key());
        }
    }

    /// The client asks again with the same key, whoever answers.
    void again(Laboratory lab, Attempt attempt) throws Exception {
        switch (this) {
            case SUBMIT -> {
                HttpResponse<String> once = lab.here.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask());
                HttpResponse<String> twice = lab.here.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask());
                assertThat(once.statusCode()).as(once.body()).isEqualTo(201);
                assertThat(twice.body()).isEqualTo(once.body());
            }
            case APPROVE, DELIVER -> assertThat(lab.review(lab.here, attempt.number(), attempt.key()).statusCode()).isIn(200, 409);
            case REVOKE -> assertThat(lab.revoke(lab.here, attempt.number(), attempt.key()).statusCode()).isIn(200, 409);
        }
    }
}
