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
import java.util.HashSet;
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
        receiver.await("it was tried", () -> !receiver.received().isEmpty() && webhook(hook).standing().silent() > 0);
        assertThat(webhook(hook).standing().waiting()).isEqualTo(12);
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
}
