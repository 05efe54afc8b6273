package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/// What a client wants when something happens to the replica that it asks. APPROVE and REVOKE go on to the delivery of what
/// they decide; of DELIVER the decision is made elsewhere. SEAL is a submission that goes on until its entry is sealed.
enum Deed {
    SUBMIT,
    APPROVE,
    DELIVER,
    REVOKE,
    SEAL;

    /// One attempt: the request that it is about (0 where it makes one), the key of the client's retries, and what is asked for.
    record Attempt(long number, UUID key, String ask) {}

    /// Makes what must be there before.
    Attempt prepare(Laboratory lab) throws Exception {
        long number = switch (this) {
            case SUBMIT, SEAL -> 0;
            case APPROVE, DELIVER -> lab.submit();
            case REVOKE -> lab.granted();
        };
        return new Attempt(number, UUID.randomUUID(), lab.ask());
    }

    /// Asks the victim, which may be `struck` meanwhile: then there is no answer.
    void ask(Laboratory lab, Replica victim, Attempt attempt, BooleanSupplier struck) throws Exception {
        try {
            HttpResponse<String> answer = Laboratory.insist(() -> switch (this) {
                case SUBMIT, SEAL -> victim.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask());
                case APPROVE -> lab.review(victim, attempt.number(), attempt.key());
                // Decided here, past the proxy of the victim's database.
                case DELIVER -> lab.review(lab.here, attempt.number(), attempt.key());
                case REVOKE -> lab.revoke(victim, attempt.number(), attempt.key());
            }, struck);
            // A replica that was cut off in the middle says that it does not know.
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201, 409, 500, 503);
        } catch (IOException dead) {
            // the client got no answer
        }
    }

    /// Whether this deed is there for what that one does.
    boolean concerns(Gate.Speaker speaker) {
        return switch (this) {
            case SUBMIT -> speaker == Gate.Speaker.REQUEST;
            case SEAL -> speaker == Gate.Speaker.SEALER;
            case APPROVE, DELIVER, REVOKE -> speaker != Gate.Speaker.SEALER;
        };
    }

    /// Whether nothing more will come of it.
    boolean over(Laboratory lab) throws Exception {
        return this == SEAL ? lab.sealed() : this == SUBMIT || lab.settled();
    }

    /// The client asks again with the same key, whoever answers.
    void again(Laboratory lab, Attempt attempt) throws Exception {
        switch (this) {
            case SUBMIT, SEAL -> {
                HttpResponse<String> once = Laboratory.insist(() -> lab.here.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask()));
                HttpResponse<String> twice = Laboratory.insist(() -> lab.here.post(lab.engineer, "/access-requests", attempt.key(), attempt.ask()));
                assertThat(once.statusCode()).as(once.body()).isEqualTo(201);
                assertThat(twice.body()).isEqualTo(once.body());
            }
            case APPROVE, DELIVER -> {
                assertThat(Laboratory.insist(() -> lab.review(lab.here, attempt.number(), attempt.key())).statusCode()).isIn(200, 409);
                lab.mayRevoke(attempt.number());
            }
            case REVOKE -> assertThat(Laboratory.insist(() -> lab.revoke(lab.here, attempt.number(), attempt.key())).statusCode()).isIn(200, 409);
        }
    }
}
