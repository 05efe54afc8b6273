package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.FaultProxy.Fault;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F19, F20, F21, F24 and F46: what happens between a replica and its database. `-Dfaults.runs=N` multiplies the rounds.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class DatabaseFaultTests {
    private static final int RUNS = Integer.getInteger("faults.runs", 1);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    private interface Experiment {
        void with(Laboratory lab, Replica victim) throws Exception;
    }

    private void experiment(long seed, Experiment experiment) throws Exception {
        try (Laboratory lab = new Laboratory(context, seed)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            try (Replica victim = lab.ready(Replica.start(image, folder, lab.settings(lab.database.port())))) {
                experiment.with(lab, victim);
                lab.converges("the experiment");
                assertThat(lab.judge()).isEmpty();
            }
        }
    }

    /// The client of a replica that is in trouble: asks with the same key until it is answered, at most for ten seconds.
    private static HttpResponse<String> insist(Laboratory lab, Replica victim, String ask, UUID key) throws Exception {
        long end = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                HttpResponse<String> answer = victim.post(lab.engineer, "/access-requests", key, ask);
                if (answer.statusCode() < 500) {
                    return answer;
                }
                assertThat(answer.headers().firstValue("Content-Type").orElse("")).as(answer.body()).startsWith("application/problem+json");
            } catch (IOException cut) {
                // asks again
            }
            assertThat(System.nanoTime()).as("still not answered").isLessThan(end);
            Thread.sleep(50);
        }
    }

    /// F21: the commit happens, its answer is lost. Whatever was lost, the same key gives the same request.
    @Test
    void aLostAnswerOfTheDatabaseDoublesNothing() throws Exception {
        experiment(21, (lab, victim) -> {
            for (int round = 0; round < RUNS; round++) {
                for (int exchange = 1; exchange <= 14; exchange++) {
                    UUID key = UUID.randomUUID();
                    String ask = lab.ask();
                    lab.boundary.arm(exchange, Boundary.Moment.ANSWER_LOST, lab.database::cut);
                    HttpResponse<String> first = insist(lab, victim, ask, key);
                    lab.boundary.disarm();
                    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
                    assertThat(insist(lab, victim, ask, key).body()).isEqualTo(first.body());
                    assertThat(lab.judge()).as("exchange %d, %s", exchange, lab.boundary.struck()).isEmpty();
                }
            }
        });
    }

    /// F19: connections are ended by the server at random while people ask.
    @Test
    void connectionsThatEndAtRandomLoseNothing() throws Exception {
        experiment(19, (lab, victim) -> {
            List<Future<HttpResponse<String>>> asked = new ArrayList<>();
            try (var clients = Executors.newFixedThreadPool(4); Statement statement = lab.superuser().createStatement()) {
                for (int i = 0; i < 24 * RUNS; i++) {
                    String ask = lab.ask();
                    asked.add(clients.submit(() -> insist(lab, victim, ask, UUID.randomUUID())));
                }
                while (asked.stream().anyMatch(one -> !one.isDone())) {
                    statement.execute("""
                            select pg_terminate_backend(pid)
                            from pg_stat_activity
                            where application_name = 'replica'
                              and datname = current_database()
                            order by random()
                            limit 1""");
                    Thread.sleep(200);
                }
            }
            for (Future<HttpResponse<String>> one : asked) {
                assertThat(one.get().statusCode()).as(one.get().body()).isEqualTo(201);
            }
            assertThat(lab.one("select count(*) from access_request where tenant_id = ?")).isEqualTo(Integer.toString(24 * RUNS));
        });
    }

    /// F20: out of reach for some seconds. The replica says that it is not ready, answers in bounded time, and heals by itself.
    @Test
    void aDatabaseOutOfReachIsSaidAndHeals() throws Exception {
        experiment(20, (lab, victim) -> {
            lab.database.fault(Fault.SILENCE);
            lab.database.cut();
            long end = System.nanoTime() + 20_000_000_000L;
            while (victim.readiness() != 503) {
                assertThat(System.nanoTime()).as("readiness says nothing of it").isLessThan(end);
                Thread.sleep(100);
            }
            assertThat(victim.liveness()).as("liveness does not depend on the database").isEqualTo(200);
            HttpResponse<String> refused = victim.post(lab.engineer, "/access-requests", UUID.randomUUID(), lab.ask());
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            lab.database.fault(Fault.NONE);
            lab.database.cut();
            assertThat(insist(lab, victim, lab.ask(), UUID.randomUUID()).statusCode()).isEqualTo(201);
        });
    }

    /// F46: the record takes no entry. Nothing is decided, asked for or delivered then; it is said, and goes on when the record does.
    @Test
    void withoutARecordNothingIsDone() throws Exception {
        experiment(46, (lab, victim) -> {
            long number = lab.submit();
            String facts = "select (select count(*) from review where tenant_id = t) || ' ' || (select count(*) from access_grant where tenant_id = t) || ' '"
                    + " || (select count(*) from access_request where tenant_id = t) || ' ' || (select count(*) from audit_entry where tenant_id = t) from (select ?::uuid as t) asked";
            String before = lab.one(facts);
            UUID approval = UUID.randomUUID();
            UUID asking = UUID.randomUUID();
            String ask = lab.ask();
            try (Statement statement = lab.superuser().createStatement()) {
                statement.execute("revoke insert on audit_entry from countersign_app");
                try {
                    for (HttpResponse<String> refused : List.of(lab.review(victim, number, approval), victim.post(lab.engineer, "/access-requests", asking, ask))) {
                        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                    }
                    assertThat(victim.get(lab.engineer, "/access-requests/" + number).statusCode()).as("reading needs no entry").isEqualTo(200);
                    assertThat(lab.one(facts)).isEqualTo(before);
                } finally {
                    statement.execute("grant insert on audit_entry to countersign_app");
                }
            }
            assertThat(lab.review(victim, number, approval).statusCode()).isEqualTo(200);
            assertThat(insist(lab, victim, ask, asking).statusCode()).isEqualTo(201);
        });
    }

    /// F24: a transaction that has been open for long keeps what is dead from being cleared, and a session that does nothing keeps a
    /// policy of its own locked. The deliveries of the others go on, and that one's when the session ends.
    @Test
    void transactionsThatStayOpenHoldNoDeliveryUp() throws Exception {
        try (Laboratory lab = new Laboratory(context, 24)) {
            lab.askInTurn(List.of("payment-service", "user-profile"));
            lab.approve();
            lab.approve();
            lab.converges("two policies are there");
            try (Connection old = lab.connect(); Connection idle = lab.connect()) {
                old.setAutoCommit(false);
                old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                old.createStatement().execute("select count(*), pg_current_xact_id() from policy_object");
                for (int i = 0; i < 4 * RUNS; i++) {
                    lab.approve();
                    lab.converges("approved while a transaction is open");
                }
                lab.couriersHere().stop();
                lab.approve();
                lab.approve();
                idle.setAutoCommit(false);
                idle.createStatement().execute("select from policy_object where workload = 'user-profile' for update");
                lab.couriersHere().start();
                String waits = "select string_agg(workload, ' ' order by workload) from policy_object where tenant_id = ? and not (state = 'APPLIED' and applied_revision = desired_revision)";
                for (long end = System.nanoTime() + 10_000_000_000L; !lab.one(waits).equals("user-profile"); Thread.sleep(20)) {
                    assertThat(System.nanoTime()).as("waits for a session that does nothing: %s", lab.one(waits)).isLessThan(end);
                }
                idle.rollback();
                lab.converges("the session ended");
                old.rollback();
            }
            assertThat(lab.judge()).isEmpty();
            System.out.printf("F24 open transactions: %d deliveries beside one that stays open, and one beside a lock that nobody lets go of%n", 4 * RUNS);
        }
    }
}
