package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.audit.Actor;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Problem;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletRequest;

/// What becomes of a key when the program dies, when time passes, and when the work is not in its transaction.
@PortalTest
class PostsTests {
    @Autowired
    Posts posts;

    @Autowired
    IdempotencyKeys keys;

    @Autowired
    Fixtures fixtures;

    @Autowired
    People people;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private TestTenant home;
    private CurrentPerson me;

    @BeforeEach
    void found() {
        home = fixtures.tenant();
        me = fixtures.current(home, "engineer");
    }

    private static MockHttpServletRequest request() {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/api/v1/test");
        request.addHeader("Idempotency-Key", "k");
        request.setContentType("application/json");
        return request;
    }

    private ResponseEntity<byte[]> once(Supplier<Answer> work) {
        return CurrentTenant.call(home.tenant().id(), () -> posts.once(me, request(), new byte[] {1}, work));
    }

    private ResponseEntity<byte[]> outside(Supplier<Answer> work) {
        return CurrentTenant.call(home.tenant().id(), () -> posts.onceOutside(me, request(), new byte[] {1}, work));
    }

    private void age(String interval) {
        tenants.doInTenant(home.tenant().id(), () -> jdbc.sql("update idempotency_key set taken_at = now() - ?::interval where tenant_id = ?")
                .params(interval, home.tenant().id().value()).update());
    }

    private long teams() {
        return tenants.inTenant(home.tenant().id(), () -> jdbc.sql("select count(*) from team").query(Long.class).single());
    }

    @Test
    void whatDiesBeforeTheCommitLeavesNeitherEffectNorKey() {
        long before = teams();
        assertThatThrownBy(() -> once(() -> {
            people.createTeam(Actor.system("test"), "late", "Late");
            throw new OutOfMemoryError("the program dies here");
        })).isInstanceOf(OutOfMemoryError.class);
        assertThat(teams()).isEqualTo(before);
        once(() -> {
            people.createTeam(Actor.system("test"), "late", "Late");
            return Answer.of("made");
        });
        assertThat(teams()).isEqualTo(before + 1);
        once(() -> {
            throw new AssertionError("the work is done already");
        });
    }

    @Test
    void aKeyIsForgottenAfterADay() {
        AtomicInteger runs = new AtomicInteger();
        Supplier<Answer> work = () -> Answer.of(runs.incrementAndGet());
        once(work);
        age("23 hours 59 minutes");
        once(work);
        assertThat(runs).hasValue(1);
        age("24 hours 1 minute");
        once(work);
        assertThat(runs).hasValue(2);
        age("25 hours");
        keys.forgetOld();
        assertThat(tenants.inTenant(home.tenant().id(), () -> jdbc.sql("select count(*) from idempotency_key where tenant_id = ?")
                .param(home.tenant().id().value()).query(Long.class).single())).isZero();
    }

    @Test
    void anAccidentIsNotKept() {
        assertThatThrownBy(() -> outside(() -> {
            throw new IllegalStateException("broken");
        })).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> once(() -> {
            throw new IllegalStateException("broken");
        })).isInstanceOf(IllegalStateException.class);
        assertThat(once(() -> Answer.of("well")).getStatusCode().value()).isEqualTo(200);
    }

    @Test
    void aMissingRightIsNotKept() {
        assertThat(once(() -> {
            throw new Problem.Forbidden("Not yet.");
        }).getStatusCode().value()).isEqualTo(403);
        assertThat(once(() -> Answer.of("now")).getStatusCode().value()).isEqualTo(200);
    }

    @Test
    void workOutsideOfTheTransactionIsNotDoneTwiceAtTheSameMoment() {
        outside(() -> {
            assertThatThrownBy(() -> outside(() -> {
                throw new AssertionError("both at work");
            })).isInstanceOf(Problem.Conflict.class);
            return Answer.of("done");
        });
        assertThat(new String(outside(() -> {
            throw new AssertionError("done already");
        }).getBody())).isEqualTo("\"done\"");
    }

    @Test
    void aKeyWhoseProgramDiedIsFreeAgainAfterTwoMinutes() {
        tenants.doInTenant(home.tenant().id(), () -> keys.take(new IdempotencyKeys.Key(me.id(), "POST /api/v1/test", "k", digest()), 120));
        assertThatThrownBy(() -> outside(() -> Answer.of("x"))).isInstanceOf(Problem.class);
        age("3 minutes");
        assertThat(outside(() -> Answer.of("x")).getStatusCode().value()).isEqualTo(200);
    }

    private static byte[] digest() {
        try {
            java.security.MessageDigest digest = java.security.MessageDigest.getInstance("SHA-256");
            digest.update("application/json".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return digest.digest(new byte[] {1});
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
