package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.Effect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.Revising;
import dev.countersign.requests.Withdrawal;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// F13 to F16 and S11: what happens in the same moment happens one after the other, once, and the loser is told why.
/// `-Dapproval.races=10000` runs the full volume.
@PortalTest
class DecisionRaceTests {
    private static final int RACES = Integer.getInteger("approval.races", 40);
    private static final Actor SETUP = Actor.system("test");

    @Autowired
    Story stories;

    @Autowired
    ReviewBoard board;

    @Autowired
    RequestDesk desk;

    @Autowired
    GrantLedger ledger;

    @Autowired
    People people;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    /// All at one barrier; answers in order.
    private static <T> List<T> together(List<Callable<T>> acts) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(acts.size());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = acts.stream().map(act -> threads.submit(() -> {
                barrier.await();
                return act.call();
            })).toList();
            List<T> answers = new ArrayList<>();
            for (var run : runs) {
                answers.add(run.get());
            }
            return answers;
        }
    }

    private long entries(Story.Cast acme, String kind, long number) {
        return tenants.inTenant(acme.id(), () -> jdbc.sql("select count(*) from audit_entry where kind = ? and subject_kind = 'request' and subject_id = ?")
                .params(kind, Long.toString(number))
                .query(Long.class)
                .single());
    }

    @Test
    void sixtyFourApproversMakeOneTransition() throws Exception {
        var acme = stories.begin();
        List<CurrentPerson> crowd = tenants.inTenant(acme.id(), () -> IntStream.range(0, 64)
                .mapToObj(i -> people.create(SETUP, "s" + i, "Sec " + i, Optional.empty(), Set.of(Role.SECURITY)))
                .map(id -> people.current(acme.id(), id).orElseThrow())
                .toList());
        for (int round = 0; round < 3; round++) {
            long number = acme.submit("engineer", Story.wide());
            acme.decide("owner", number, Decision.APPROVE, "");
            String digest = acme.request(number).digest();
            List<Deciding> answers = together(crowd.stream()
                    .<Callable<Deciding>>map(person -> () -> acme.in(() -> board.decide(person, number, Decision.APPROVE, digest, "")))
                    .toList());
            assertThat(answers).filteredOn(answer -> answer instanceof Deciding.Recorded recorded && recorded.state() == RequestState.APPROVED).hasSize(1);
            assertThat(answers).filteredOn(Deciding.Recorded.class::isInstance).hasSize(2);
            assertThat(answers).filteredOn(Deciding.NotOpen.class::isInstance).hasSize(62);
            assertThat(acme.in(() -> ledger.ofRequest(number))).hasSize(1);
            assertThat(entries(acme, "request.approved", number)).isEqualTo(1);
        }
    }

    /// Sixty who come too late do not wait for one another.
    @Test
    void whatIsDecidedIsToldWhoeverHoldsIt() throws Exception {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        acme.decide("owner", number, Decision.APPROVE, "");
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> holder = threads.submit(() -> tenants.inTenant(acme.id(), () -> {
                jdbc.sql("select id from access_request where number = ? for update").param(number).query(java.util.UUID.class).single();
                held.countDown();
                try {
                    return told.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException stopped) {
                    return false;
                }
            }));
            assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(acme.decide("security", number, Decision.APPROVE, "")).isInstanceOf(Deciding.NotOpen.class);
            told.countDown();
            assertThat(holder.get()).as("the lock was held all the time").isTrue();
        }
    }

    @Test
    void aDoubleClickIsOneWord() throws Exception {
        var acme = stories.begin();
        CurrentPerson security = acme.person("security");
        for (int round = 0; round < RACES / 4; round++) {
            long number = acme.submit("engineer", Story.across());
            String digest = acme.request(number).digest();
            Callable<Deciding> click = () -> acme.in(() -> board.decide(security, number, Decision.APPROVE, digest, ""));
            List<Deciding> answers = together(List.of(click, click, click));
            assertThat(answers).filteredOn(Deciding.Recorded.class::isInstance).hasSize(1);
            assertThat(answers).filteredOn(Deciding.AlreadySaid.class::isInstance).hasSize(2);
            assertThat(entries(acme, "request.reviewed", number)).isEqualTo(1);
        }
    }

    @Test
    void approveAndWithdrawHaveOneWinner() throws Exception {
        var acme = stories.begin();
        CurrentPerson owner = acme.person("owner");
        CurrentPerson engineer = acme.person("engineer");
        for (int round = 0; round < RACES; round++) {
            long number = acme.submit("engineer", Story.usual());
            String digest = acme.request(number).digest();
            List<Object> answers = together(List.of(
                    () -> acme.in(() -> board.decide(owner, number, Decision.APPROVE, digest, "")),
                    () -> acme.in(() -> desk.withdraw(engineer, number, "never mind"))));
            boolean approved = answers.getFirst() instanceof Deciding.Recorded;
            assertThat(answers.getLast()).isInstanceOf(approved ? Withdrawal.NotOpen.class : Withdrawal.Withdrawn.class);
            if (!approved) {
                assertThat(answers.getFirst()).isInstanceOfSatisfying(Deciding.NotOpen.class, told -> assertThat(told.message()).contains("withdrawn"));
            }
            assertThat(acme.request(number).state()).isEqualTo(approved ? RequestState.APPROVED : RequestState.WITHDRAWN);
            assertThat(acme.in(() -> ledger.ofRequest(number))).hasSize(approved ? 1 : 0);
        }
    }

    @Test
    void whatIsGrantedIsWhatWasShownThoughItChangesInTheSameMoment() throws Exception {
        var acme = stories.begin();
        CurrentPerson owner = acme.person("owner");
        CurrentPerson engineer = acme.person("engineer");
        for (int round = 0; round < RACES; round++) {
            long number = acme.submit("engineer", Story.usual());
            String digest = acme.request(number).digest();
            var wider = Story.draft(List.of(new AskSource.Account("production", "order-service")), Story.paths("/api/v1/payments/*", "/api/v1/admin/" + round),
                    new GrantPeriod.For(Duration.ofDays(90)));
            List<Object> answers = together(List.of(
                    () -> acme.in(() -> board.decide(owner, number, Decision.APPROVE, digest, "")),
                    () -> acme.in(() -> desk.revise(engineer, number, wider, OptionalInt.empty()))));
            boolean approved = answers.getFirst() instanceof Deciding.Recorded;
            assertThat(answers.getLast()).isInstanceOf(approved ? Revising.NotOpen.class : Revising.Revised.class);
            if (!approved) {
                assertThat(answers.getFirst()).isInstanceOfSatisfying(Deciding.Stale.class, stale -> assertThat(stale.digest()).isEqualTo(acme.request(number).digest()));
            }
            assertThat(acme.in(() -> ledger.ofRequest(number))).allSatisfy(grant -> assertThat(grant.digest()).isEqualTo(digest));
        }
    }

    /// Two requests for one service, each shown to be its first ALLOW: whichever is second would do something else by then.
    @Test
    void ofTwoFirstAllowsOneIsStale() throws Exception {
        for (int round = 0; round < Math.max(4, RACES / 10); round++) {
            var acme = stories.begin();
            CurrentPerson owner = acme.person("owner");
            List<Long> numbers = List.of(
                    acme.submit("engineer", Story.usual()),
                    acme.submit("engineer", Story.draft(List.of(new AskSource.Account("production", "order-service")), Story.paths("/api/v1/refunds/*"),
                            new GrantPeriod.For(Duration.ofDays(90)))));
            List<Deciding> answers = together(numbers.stream().<Callable<Deciding>>map(number -> {
                String digest = acme.request(number).digest();
                Effect shown = acme.in(() -> desk.foresight(number)).flatMap(Foresight::effect).orElseThrow();
                assertThat(shown.firstAllow()).hasSize(1);
                return () -> acme.in(() -> board.decide(owner, number, Decision.APPROVE, digest, Optional.of(shown.digest()), ""));
            }).toList());
            assertThat(answers).filteredOn(Deciding.Recorded.class::isInstance).hasSize(1);
            assertThat(answers).filteredOn(Deciding.Stale.class::isInstance).hasSize(1);
            assertThat(acme.in(() -> numbers.stream().mapToInt(number -> ledger.ofRequest(number).size()).sum())).isEqualTo(1);
        }
    }

    @Test
    void whatLapsedIsNotApproved() throws Exception {
        var acme = stories.begin();
        CurrentPerson owner = acme.person("owner");
        for (int round = 0; round < RACES / 4; round++) {
            long number = acme.submit("engineer", Story.usual());
            String digest = acme.request(number).digest();
            List<Object> answers = together(List.of(
                    () -> acme.in(() -> board.decide(owner, number, Decision.APPROVE, digest, "")),
                    () -> tenants.inTenant(acme.id(), () -> jdbc.sql("""
                                    update access_request
                                    set submitted_at = now() - interval '2 hours',
                                        lapses_at = now() - interval '1 hour',
                                        row_version = row_version + 1
                                    where number = ? and state = 'SUBMITTED'""").param(number).update())));
            boolean approved = answers.getFirst() instanceof Deciding.Recorded;
            assertThat(answers.getLast()).isEqualTo(approved ? 0 : 1);
            assertThat(acme.in(() -> ledger.ofRequest(number))).hasSize(approved ? 1 : 0);
            assertThat(acme.in(() -> board.decide(owner, number, Decision.APPROVE, digest, ""))).isInstanceOf(Deciding.NotOpen.class);
        }
    }
}
