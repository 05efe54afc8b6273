package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// F42: whatever a receiver does, every event comes at least once, those of a subject in their order, each attempt signed anew, what is
/// given up is seen and can be sent again, and nobody else waits for it. Time passes by moving what is due, by the database's clock.
@PortalTest
class WebhookDeliveryTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    WebhookDesk desk;

    @Autowired
    Outbox outbox;

    @Autowired
    Follower follower;

    @Autowired
    Housekeeping housekeeping;

    @Autowired
    NoticeLoop loop;

    @Autowired
    Post post;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private final List<StubReceiver> receivers = new ArrayList<>();
    private final List<Long> registered = new ArrayList<>();

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
    }

    /// Nothing of this class is sent while another's tests run.
    @AfterEach
    void close() {
        registered.forEach(number -> in(() -> desk.remove(fixtures.current(tenant, "admin"), number)));
        receivers.forEach(StubReceiver::close);
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work);
    }

    private StubReceiver receiver() {
        StubReceiver receiver = new StubReceiver();
        receivers.add(receiver);
        return receiver;
    }

    private record Hook(long number, String secret) {}

    private Hook hook(StubReceiver receiver, EventKind... kinds) {
        Set<String> types = (kinds.length == 0 ? EventKind.all() : List.of(kinds)).stream().map(EventKind::type).collect(Collectors.toSet());
        WebhookChange made = in(() -> desk.register(fixtures.current(tenant, "admin"), new WebhookSetting("Receiver", receiver.url(), types)));
        assertThat(made).isInstanceOf(WebhookChange.Registered.class);
        WebhookChange.Registered hook = (WebhookChange.Registered) made;
        registered.add(hook.number());
        return new Hook(hook.number(), hook.secret());
    }

    private Webhook webhook(Hook hook) {
        return in(() -> desk.find(hook.number())).orElseThrow();
    }

    private List<WebhookDelivery> deliveries(Hook hook, WebhookDelivery.State... states) {
        return in(() -> desk.deliveries(webhook(hook), Set.of(states), Optional.empty(), 100));
    }

    private record Fact(long number, int version) {}

    /// An entry about a request, as a room would append it.
    private long happened(String kind, long request, long... also) {
        return in(() -> audit.append(new AuditEvent(kind, Actor.system("test"), new Subject("request", Long.toString(request)), "did something to request " + request,
                new Fact(request, 1)).aboutRequests(java.util.Arrays.stream(also).boxed().toList())));
    }

    /// Whatever waits for its next try is due now, and whoever wanted to be left alone is not any more.
    private void laterBy(Duration time) {
        in(() -> jdbc.sql("""
                        update webhook_delivery
                        set due_at = due_at - make_interval(secs => :secs),
                            give_up_at = give_up_at - make_interval(secs => :secs)
                        where tenant_id = :tenant
                          and state = 'WAITING'""").param("secs", time.toSeconds()).param("tenant", tenant.tenant().id().value()).update());
        in(() -> jdbc.sql("update webhook_cursor set rest_until = rest_until - make_interval(secs => :secs) where tenant_id = :tenant")
                .param("secs", time.toSeconds()).param("tenant", tenant.tenant().id().value()).update());
        loop.look(tenant.tenant());
    }

    /// Every request's events in the order of the record, each at least once; answers how often each came.
    private static Map<Long, Integer> orderedPerRequest(List<StubReceiver.Received> received) {
        Map<Long, Long> latest = new HashMap<>();
        Map<Long, Integer> times = new HashMap<>();
        for (StubReceiver.Received one : received) {
            times.merge(one.entry(), 1, Integer::sum);
            assertThat(one.entry()).as("entry " + one.entry() + " of request " + one.request() + " comes after " + latest.get(one.request()))
                    .isGreaterThanOrEqualTo(latest.getOrDefault(one.request(), 0L));
            latest.put(one.request(), one.entry());
        }
        return times;
    }

    @Test
    void anEventIsACloudEventInAStandardWebhook() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        long entry = happened("request.submitted", 42);
        receiver.await("the event", () -> receiver.received().size() == 1);
        StubReceiver.Received event = receiver.received().getFirst();
        assertThat(event.line()).isEqualTo("POST /hooks?token=t0ken-in-the-url HTTP/1.1");
        assertThat(event.header("content-type")).isEqualTo("application/cloudevents+json; charset=UTF-8");
        assertThat(Verification.verifies(event, hook.secret())).isTrue();
        assertThat(event.event().path("specversion").asString()).isEqualTo("1.0");
        assertThat(event.event().path("id").asString()).isEqualTo(event.header("webhook-id"));
        assertThat(event.event().path("source").asString()).isEqualTo("/tenants/" + tenant.tenant().slug());
        assertThat(event.type()).isEqualTo("dev.countersign.request.submitted");
        assertThat(event.event().path("subject").asString()).isEqualTo("request/42");
        assertThat(event.event().path("sequence").asString()).isEqualTo("%020d".formatted(entry));
        assertThat(event.event().path("data").path("state").asString()).isEqualTo("SUBMITTED");
        assertThat(event.event().path("data").path("version").asInt()).isEqualTo(1);
        assertThat(event.event().path("data").path("links").path("page").asString()).isEqualTo("/requests/42");
        assertThat(event.event().path("data").path("links").path("api").asString()).isEqualTo("/api/v1/access-requests/42");
        receiver.await("the delivery is written down", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 1);
        assertThat(deliveries(hook).getFirst().last().orElseThrow().status()).contains(204);
    }

    @Test
    void onlyWhatIsWantedIsToldAndOnlyFromTheRegistrationOn() {
        happened("request.submitted", 1);
        StubReceiver some = receiver();
        StubReceiver all = receiver();
        hook(some, EventKind.REQUEST_LAPSED);
        hook(all);
        happened("request.submitted", 2);
        happened("request.planned", 2);
        happened("person.signed-in", 2);
        happened("request.lapsed", 2);
        all.await("both", () -> all.received().size() == 2);
        some.await("one", () -> some.received().size() == 1);
        assertThat(all.received()).extracting(StubReceiver.Received::type).containsExactly("dev.countersign.request.submitted", "dev.countersign.request.lapsed");
        assertThat(some.received()).extracting(StubReceiver.Received::type).containsExactly("dev.countersign.request.lapsed");
    }

    @Test
    void aReceiverThatIsDownGetsEverythingInOrderOnceItIsBack() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        receiver.is(StubReceiver.breaksOff());
        List<Long> entries = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            entries.add(happened("request.revised", 1 + i % 3));
        }
        receiver.await("it was tried", () -> !receiver.received().isEmpty() && webhook(hook).standing().silent() > 0 && webhook(hook).standing().waiting() == 12);
        receiver.is(StubReceiver.answers(200, "fine"));
        laterBy(Duration.ofMinutes(2));
        receiver.await("all are delivered", () -> {
            loop.look(tenant.tenant());
            return deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 12;
        });
        Map<Long, Integer> times = orderedPerRequest(receiver.received());
        assertThat(times.keySet()).containsExactlyInAnyOrderElementsOf(entries);
        assertThat(receiver.received()).allMatch(one -> Verification.verifies(one, hook.secret()));
        assertThat(webhook(hook).standing()).isEqualTo(new Webhook.Standing(0, 0, 0, Optional.empty(), 0));
    }

    /// Redirected to another receiver, which hears nothing.
    @Test
    void aRedirectIsAFailure() {
        StubReceiver elsewhere = receiver();
        StubReceiver receiver = receiver();
        receiver.is(StubReceiver.answers(302, "", "Location: " + elsewhere.url()));
        Hook hook = hook(receiver);
        happened("request.submitted", 1);
        receiver.await("it was tried", () -> deliveries(hook).stream().anyMatch(one -> one.attempts() == 1));
        WebhookDelivery delivery = deliveries(hook).getFirst();
        assertThat(delivery.state()).isEqualTo(WebhookDelivery.State.WAITING);
        assertThat(delivery.last().orElseThrow().status()).contains(302);
        assertThat(delivery.last().orElseThrow().words()).isEqualTo("Redirects are not followed.");
        assertThat(elsewhere.received()).isEmpty();
    }

    @Test
    void threeDaysOf500MakeADeadLetterThatCanBeSentAgain() {
        StubReceiver receiver = receiver();
        receiver.is((request, out) -> StubReceiver.answers(request.request() == 1 ? 500 : 200, "wrong").answer(request, out));
        Hook hook = hook(receiver);
        long first = happened("request.submitted", 1);
        long behind = happened("request.withdrawn", 1);
        long other = happened("request.submitted", 2);
        receiver.await("the other request's event is delivered meanwhile", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 1);
        assertThat(deliveries(hook, WebhookDelivery.State.DELIVERED).getFirst().entry()).isEqualTo(other);
        assertThat(webhook(hook).standing().behind()).isEqualTo(1);
        for (int tries = 1; deliveries(hook, WebhookDelivery.State.DEAD).isEmpty(); tries++) {
            int made = tries;
            receiver.await("attempt " + tries, () -> receiver.received(one -> one.entry() == first).size() >= made
                    && deliveries(hook).stream().anyMatch(one -> one.entry() == first && one.attempts() >= made));
            if (!receiver.received(one -> one.entry() == behind).isEmpty()) {
                assertThat(deliveries(hook, WebhookDelivery.State.DEAD)).as("the one before it was given up").isNotEmpty();
            }
            assertThat(tries).as("attempts in three days").isLessThan(30);
            if (deliveries(hook, WebhookDelivery.State.DEAD).isEmpty()) {
                laterBy(Duration.ofHours(9));
            }
        }
        List<StubReceiver.Received> attempts = receiver.received(one -> one.entry() == first);
        assertThat(attempts).hasSizeGreaterThan(7).allMatch(one -> Verification.verifies(one, hook.secret()));
        assertThat(attempts.stream().map(one -> one.header("webhook-id")).distinct()).hasSize(1);
        assertThat(attempts.stream().map(StubReceiver.Received::body).distinct()).hasSize(1);
        assertThat(webhook(hook).standing().dead()).isEqualTo(1);

        // What waited behind it is tried from then on, for an hour at least.
        receiver.await("the next of its subject", () -> deliveries(hook).stream().anyMatch(one -> one.entry() == behind && one.attempts() == 1));
        receiver.is(StubReceiver.answers(200, ""));
        laterBy(Duration.ofMinutes(10));
        receiver.await("the next one is taken", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 2);

        assertThat(in(() -> desk.sendAgain(fixtures.current(tenant, "admin"), hook.number(), Optional.of(behind)))).isInstanceOf(WebhookChange.Conflict.class);
        assertThat(in(() -> desk.sendAgain(fixtures.current(tenant, "admin"), hook.number(), Optional.empty()))).isEqualTo(new WebhookChange.Decided(hook.number(), 1, 0));
        receiver.await("the letter is delivered", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 3);
        StubReceiver.Received again = receiver.received(one -> one.entry() == first).getLast();
        assertThat(again.header("webhook-id")).isEqualTo(attempts.getFirst().header("webhook-id"));
        assertThat(again.body()).isEqualTo(attempts.getFirst().body());
        assertThat(Verification.verifies(again, hook.secret())).isTrue();
        assertThat(recorded()).endsWith("webhook.letters-sent-again");
    }

    private List<String> recorded() {
        return in(() -> jdbc.sql("select kind from audit_entry where tenant_id = ? and subject_kind = 'webhook' order by seq").param(tenant.tenant().id().value()).query(String.class).list());
    }

    @Test
    void whatIsDiscardedIsNeverSentAndKeepsNobodyWaiting() {
        StubReceiver receiver = receiver();
        receiver.is((request, out) -> StubReceiver.answers(request.type().endsWith("submitted") ? 500 : 200, "").answer(request, out));
        Hook hook = hook(receiver);
        long first = happened("request.submitted", 1);
        happened("request.withdrawn", 1);
        receiver.await("it was tried", () -> deliveries(hook).stream().anyMatch(one -> one.attempts() == 1));
        assertThat(in(() -> desk.discard(fixtures.current(tenant, "admin"), hook.number(), first))).isInstanceOf(WebhookChange.Decided.class);
        receiver.await("the next one goes", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 1);
        assertThat(in(() -> desk.discard(fixtures.current(tenant, "admin"), hook.number(), first))).isInstanceOf(WebhookChange.Conflict.class);
        assertThat(receiver.received(one -> one.entry() == first)).hasSize(1);
        assertThat(recorded()).endsWith("webhook.letter-discarded");
    }

    /// Of two receivers and two tenants one hangs: everything for the others arrives while it does.
    @Test
    void whoHangsKeepsNobodyElseWaiting() {
        StubReceiver hanging = receiver();
        hanging.is(StubReceiver.hangs(Duration.ofSeconds(60)));
        hook(hanging);
        StubReceiver well = receiver();
        hook(well);
        for (int i = 1; i <= 40; i++) {
            happened("request.submitted", i);
        }
        hanging.await("it hangs", () -> !hanging.received().isEmpty());
        TestTenant mine = tenant;
        tenant = fixtures.tenant();
        StubReceiver elsewhere = receiver();
        Hook foreign = hook(elsewhere);
        registered.remove(foreign.number());
        happened("request.submitted", 1);
        elsewhere.await("another tenant's event", () -> elsewhere.received().size() == 1);
        in(() -> desk.remove(fixtures.current(tenant, "admin"), foreign.number()));
        tenant = mine;
        well.await("another receiver's events", () -> well.received().size() == 40);
        assertThat(hanging.mostOpen()).isLessThanOrEqualTo(NoticeLoop.OF_WEBHOOK);
        assertThat(hanging.received()).hasSizeLessThanOrEqualTo(NoticeLoop.OF_WEBHOOK);
        assertThat(well.mostOpen()).isLessThanOrEqualTo(NoticeLoop.OF_WEBHOOK);
    }

    @Test
    void whoWantsToBeLeftAloneIs() {
        StubReceiver receiver = receiver();
        receiver.is(StubReceiver.answers(429, "", "Retry-After: 600"));
        Hook hook = hook(receiver);
        happened("request.submitted", 1);
        receiver.await("it was tried", () -> deliveries(hook).stream().anyMatch(one -> one.attempts() == 1));
        receiver.is(StubReceiver.answers(200, ""));
        happened("request.submitted", 2);
        loop.look(tenant.tenant());
        laterBy(Duration.ofSeconds(300));
        assertThat(in(outbox::due)).isEmpty();
        laterBy(Duration.ofSeconds(310));
        receiver.await("both", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 2);
        assertThat(receiver.received()).hasSize(3);
    }

    @Test
    void whoIsGoneIsSwitchedOff() {
        StubReceiver receiver = receiver();
        receiver.is(StubReceiver.answers(410, "no more"));
        Hook hook = hook(receiver);
        happened("request.submitted", 1);
        receiver.await("it is switched off", () -> webhook(hook).disabled().isPresent());
        assertThat(webhook(hook).disabled().orElseThrow().as()).isEqualTo(Webhook.DisabledAs.GONE);
        assertThat(recorded()).containsExactly("webhook.registered", "webhook.disabled");
        happened("request.submitted", 2);
        loop.look(tenant.tenant());
        assertThat(deliveries(hook)).hasSize(1);
        receiver.is(StubReceiver.answers(200, ""));
        in(() -> desk.enable(fixtures.current(tenant, "admin"), hook.number(), true));
        happened("request.submitted", 3);
        receiver.await("what waited, and what is new", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 2);
        assertThat(receiver.received()).extracting(StubReceiver.Received::request).doesNotContain(2L);
    }

    /// The replica dies between the receiver's 200 and the commit of the outcome: it comes again, and before anything that follows.
    @Test
    void whatADeadReplicaHadSentComesAgainBeforeWhatFollows() {
        StubReceiver receiver = receiver();
        loop.stop();
        try {
            Hook hook = hook(receiver);
            long first = happened("request.submitted", 1);
            long second = happened("request.withdrawn", 1);
            Webhook webhook = webhook(hook);
            assertThat(in(() -> follower.follow(tenant.tenant(), webhook.id()))).isFalse();
            List<Claim> claims = in(() -> outbox.claim(webhook.id(), 10));
            assertThat(claims).extracting(Claim::seq).containsExactly(first);
            receiver.is(StubReceiver.answers(200, ""));
            post.send(claims.getFirst());
            assertThat(receiver.received()).hasSize(1);
            // Here it died. Nobody takes over while its lease holds.
            assertThat(in(() -> outbox.claim(webhook.id(), 10))).isEmpty();
            in(() -> jdbc.sql("update webhook_delivery set lease_until = now() - interval '1 second' where tenant_id = ? and lease_until is not null")
                    .param(tenant.tenant().id().value()).update());
            loop.start();
            receiver.await("all", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 2);
            assertThat(receiver.received()).extracting(StubReceiver.Received::entry).containsExactly(first, first, second);
            assertThat(receiver.received().get(1).header("webhook-id")).isEqualTo(receiver.received().getFirst().header("webhook-id"));
            // And if it was only slow, what it says now changes nothing.
            assertThat(in(() -> outbox.record(claims.getFirst(), new Answered.Said(500, "", Optional.empty(), Duration.ZERO)))).isFalse();
            assertThat(deliveries(hook, WebhookDelivery.State.DELIVERED)).hasSize(2);
        } finally {
            if (!loop.isRunning()) {
                loop.start();
            }
        }
    }

    /// Three replicas at once, many events of few subjects: each is sent once, in order.
    @Test
    void severalReplicasShareTheWorkAndKeepTheOrder() {
        StubReceiver receiver = receiver();
        receiver.is((request, out) -> {
            Thread.sleep(3);
            StubReceiver.answers(200, "").answer(request, out);
        });
        List<NoticeLoop> others = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            others.add(new NoticeLoop(tenants, follower, outbox, housekeeping, post, new NoticeBell(new dev.countersign.audit.RecordFollowers()), Duration.ofMillis(50)));
        }
        try {
            others.forEach(NoticeLoop::start);
            Hook hook = hook(receiver);
            for (int i = 0; i < 150; i++) {
                // A policy's entry is about several requests: it comes after all of theirs, and before what follows.
                happened("request.revised", 1 + i % 7, i % 5 == 0 ? new long[] {1 + (i + 3) % 7} : new long[0]);
            }
            receiver.await("all", () -> {
                loop.look(tenant.tenant());
                return webhook(hook).standing().waiting() == 0 && receiver.received().size() >= 150;
            });
            assertThat(receiver.received()).hasSize(150);
            Map<Long, Long> latest = new HashMap<>();
            for (StubReceiver.Received one : receiver.received()) {
                List<Long> about = new ArrayList<>();
                one.event().path("data").path("requests").forEach(number -> about.add(number.asLong()));
                if (about.isEmpty()) {
                    about.add(one.request());
                }
                for (long request : about) {
                    assertThat(one.entry()).isGreaterThan(latest.getOrDefault(request, 0L));
                    latest.put(request, one.entry());
                }
            }
        } finally {
            others.forEach(NoticeLoop::stop);
        }
    }

    @Test
    void aNewSecretSignsBesideTheOneBeforeItForADay() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        String fresh = ((WebhookChange.Rotated) in(() -> desk.rotate(fixtures.current(tenant, "admin"), hook.number()))).secret();
        happened("request.submitted", 1);
        receiver.await("the event", () -> receiver.received().size() == 1);
        assertThat(receiver.received().getFirst().header("webhook-signature").split(" ")).hasSize(2);
        assertThat(Verification.verifies(receiver.received().getFirst(), hook.secret())).isTrue();
        assertThat(Verification.verifies(receiver.received().getFirst(), fresh)).isTrue();
        in(() -> jdbc.sql("update webhook set former_until = now() - interval '1 second' where tenant_id = ?").param(tenant.tenant().id().value()).update());
        happened("request.submitted", 2);
        receiver.await("the next", () -> receiver.received().size() == 2);
        assertThat(Verification.verifies(receiver.received().getLast(), hook.secret())).isFalse();
        assertThat(Verification.verifies(receiver.received().getLast(), fresh)).isTrue();
        in(() -> {
            housekeeping.round();
            return true;
        });
        assertThat(in(() -> jdbc.sql("select count(*) from webhook where tenant_id = ? and former_secret is not null").param(tenant.tenant().id().value()).query(Integer.class).single())).isZero();
    }

    @Test
    void whatIsOverIsClearedAwayAndWhatIsRemovedIsForgotten() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        for (int i = 1; i <= 3; i++) {
            happened("request.submitted", i);
        }
        receiver.await("all", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 3);
        long old = deliveries(hook).getLast().entry();
        long dead = deliveries(hook).getFirst().entry();
        in(() -> jdbc.sql("update webhook_delivery set state_since = now() - interval '8 days', state = case when seq = ? then 'DEAD' else state end where tenant_id = ? and seq in (?, ?)")
                .params(dead, tenant.tenant().id().value(), old, dead).update());
        tidy();
        assertThat(deliveries(hook)).extracting(WebhookDelivery::entry).hasSize(2).contains(dead).doesNotContain(old);
        in(() -> jdbc.sql("update webhook_delivery set state_since = now() - interval '31 days' where tenant_id = ? and seq = ?").params(tenant.tenant().id().value(), dead).update());
        tidy();
        assertThat(deliveries(hook)).hasSize(1);
        in(() -> desk.remove(fixtures.current(tenant, "admin"), hook.number()));
        assertThat(in(() -> desk.find(hook.number()))).isEmpty();
        tidy();
        for (String table : List.of("webhook_delivery", "webhook_attempt", "webhook_turn", "webhook_cursor")) {
            assertThat(in(() -> jdbc.sql("select count(*) from " + table).query(Integer.class).single())).as(table).isZero();
        }
        assertThat(in(() -> jdbc.sql("select count(*) from webhook where url is not null or secret is not null").query(Integer.class).single())).isZero();
    }

    private void tidy() {
        dev.countersign.tenancy.CurrentTenant.run(tenant.tenant().id(), housekeeping::round);
    }

    /// Nobody answers for three days and most events were never tried, for they are asked one at a time: they are given up all the same.
    @Test
    void whoAnswersNobodyForThreeDaysIsGivenUpOn() {
        StubReceiver receiver = receiver();
        receiver.is(StubReceiver.breaksOff());
        Hook hook = hook(receiver);
        for (int i = 1; i <= 20; i++) {
            happened("request.submitted", i);
        }
        receiver.await("it was tried", () -> webhook(hook).standing().silent() > 0 && webhook(hook).standing().waiting() == 20);
        receiver.await("nothing is under way", () -> loop.underWay().isEmpty());
        in(() -> jdbc.sql("update webhook_delivery set give_up_at = now() - interval '1 second' where tenant_id = ? and state = 'WAITING'").param(tenant.tenant().id().value()).update());
        receiver.await("all are dead letters", () -> {
            tidy();
            return webhook(hook).standing().dead() == 20;
        });
    }

    @Test
    void secretsAreNeitherStoredOpenNorRecorded() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        happened("request.submitted", 1);
        receiver.await("the event", () -> deliveries(hook, WebhookDelivery.State.DELIVERED).size() == 1);
        List<String> stored = new ArrayList<>();
        for (String table : List.of("webhook", "webhook_delivery", "webhook_attempt", "audit_entry")) {
            stored.addAll(in(() -> jdbc.sql("select row_to_json(t)::text from " + table + " t").query(String.class).list()));
        }
        String hex = java.util.HexFormat.of().formatHex(java.util.Base64.getDecoder().decode(hook.secret().substring(6)));
        assertThat(stored).isNotEmpty().noneMatch(text -> text.contains(hook.secret().substring(6)) || text.contains(hex) || text.contains("t0ken-in-the-url"));
        assertThat(webhook(hook).toString()).doesNotContain("t0ken");
    }

    @Test
    void onlyAdministratorsOfTheTenantManage() {
        StubReceiver receiver = receiver();
        Hook hook = hook(receiver);
        WebhookSetting setting = new WebhookSetting("Other", receiver.url(), Set.of(EventKind.GRANT_CREATED.type()));
        for (String who : List.of("engineer", "owner", "security", "auditor")) {
            var me = fixtures.current(tenant, who);
            for (Supplier<WebhookChange> wish : List.<Supplier<WebhookChange>>of(() -> desk.register(me, setting), () -> desk.change(me, hook.number(), 1, setting, true),
                    () -> desk.enable(me, hook.number(), false), () -> desk.rotate(me, hook.number()), () -> desk.remove(me, hook.number()), () -> desk.test(me, hook.number()),
                    () -> desk.sendAgain(me, hook.number(), Optional.empty()), () -> desk.discard(me, hook.number(), 1))) {
                assertThat(in(wish)).as(who).isInstanceOf(WebhookChange.NotYours.class);
            }
        }
        assertThat(recorded()).containsExactly("webhook.registered");
        assertThat(in(() -> desk.change(fixtures.current(tenant, "admin"), hook.number(), 7, setting, true))).isInstanceOf(WebhookChange.Stale.class);
        assertThat(in(() -> desk.change(fixtures.current(tenant, "admin"), hook.number(), 1, setting, false))).isInstanceOf(WebhookChange.Changed.class);
        assertThat(recorded()).containsExactly("webhook.registered", "webhook.changed", "webhook.disabled");
        assertThat(in(() -> desk.test(fixtures.current(tenant, "admin"), hook.number()))).isInstanceOf(WebhookChange.Conflict.class);
    }

    @Autowired
    dev.countersign.portal.ShopFixture shops;

    /// What really happens when a request is approved: told in order, from the request to the cluster, and nobody is named in it.
    @Test
    void aRequestIsToldFromItsSubmissionToTheClusterWithoutAName() {
        StubReceiver receiver = receiver();
        try (dev.countersign.portal.ShopFixture.Shop shop = shops.open(tenant)) {
            Hook hook = hook(receiver);
            long request = shop.approve("order-service");
            receiver.await("it is applied", () -> receiver.received().stream().anyMatch(one -> one.type().equals("dev.countersign.policy.applied")));
            List<StubReceiver.Received> told = receiver.received();
            assertThat(told).extracting(StubReceiver.Received::type).containsSubsequence("dev.countersign.request.submitted", "dev.countersign.grant.created",
                    "dev.countersign.policy.revised", "dev.countersign.policy.applied");
            StubReceiver.Received applied = told.stream().filter(one -> one.type().equals("dev.countersign.policy.applied")).findFirst().orElseThrow();
            assertThat(applied.event().path("data").path("request").asLong()).isEqualTo(request);
            assertThat(applied.event().path("data").path("cluster").asString()).isEqualTo("demo");
            assertThat(applied.event().path("data").path("namespace").asString()).isEqualTo("production");
            assertThat(applied.event().path("data").path("links").path("page").asString()).startsWith("/clusters/demo/policies/production/");
            StubReceiver.Received granted = told.stream().filter(one -> one.type().equals("dev.countersign.grant.created")).findFirst().orElseThrow();
            assertThat(granted.event().path("data").path("cluster").asString()).isEqualTo("demo");
            assertThat(granted.event().path("data").path("grant").asLong()).isPositive();
            orderedPerRequest(told);
            assertThat(told).allMatch(one -> Verification.verifies(one, hook.secret()));
            List<String> kept = in(() -> jdbc.sql("select row_to_json(d)::text from webhook_delivery d").query(String.class).list());
            for (String name : List.of("engineer", "Erin", "person#", "shown#", tenant.person("engineer").toString(), "Checkout settles", "PAY-1432")) {
                assertThat(told).as(name).noneMatch(one -> one.body().contains(name));
                assertThat(kept).as(name).noneMatch(row -> row.contains(name));
            }
        }
    }
}
