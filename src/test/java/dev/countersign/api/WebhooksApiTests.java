package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.notices.StubReceiver;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Webhooks are registered, changed and looked after over the API; every answer is held against the description.
@PortalTest
class WebhooksApiTests {
    private static final String ALL = "/api/v1/webhooks";
    private static final List<String> TYPES = List.of("dev.countersign.request.approved", "dev.countersign.request.submitted");

    @Autowired
    Fixtures fixtures;

    @Autowired
    ApiTokens tokens;

    @LocalServerPort
    int port;

    private static Map<String, Object> body(String url) {
        return Map.of("name", "Tickets", "url", url, "types", TYPES);
    }

    @Test
    void aWebhookLivesItsLifeOverTheApi() {
        TestTenant home = fixtures.tenant();
        ApiCalls admin = ApiCalls.at(port).as(tokens, home, "admin");
        try (StubReceiver receiver = new StubReceiver()) {
            assertThat((List<?>) admin.get(ALL).is(200).at("/items")).isEmpty();
            ApiCalls.Said made = admin.post(ALL, body(receiver.url()), "Idempotency-Key", "one").is(201);
            assertThat(made.header("Location")).contains(ALL + "/1");
            assertThat(made.at("/secret")).asString().startsWith("whsec_");
            ApiCalls.Said again = admin.post(ALL, body(receiver.url()), "Idempotency-Key", "one").is(201);
            assertThat(again.at("/webhook")).isEqualTo(1);
            assertThat(again.at("/secret")).as("a retry is answered without it").isNull();

            ApiCalls.Said one = admin.get(ALL + "/1").is(200);
            assertThat(one.at("/url")).isEqualTo(receiver.url());
            assertThat(one.at("/types")).isEqualTo(List.of("dev.countersign.request.submitted", "dev.countersign.request.approved"));
            assertThat(one.at("/enabled")).isEqualTo(true);
            String tag = one.header("ETag").orElseThrow();
            admin.get(ALL + "/1", "If-None-Match", tag).is(304);

            ApiCalls.Said test = admin.post(ALL + "/1/test", Map.of()).is(202);
            receiver.await("the test", () -> receiver.received().size() == 1);
            assertThat(receiver.received().getFirst().type()).isEqualTo("dev.countersign.webhook.tested");
            assertThat(receiver.received().getFirst().event().path("data").path("webhook").asLong()).isEqualTo(1);
            receiver.await("it is written down", () -> admin.get(ALL + "/1/deliveries").is(200).at("/items/0/state").equals("DELIVERED"));
            ApiCalls.Said event = admin.get(ALL + "/1/deliveries/" + test.at("/entry")).is(200);
            assertThat(event.at("/event/type")).isEqualTo("dev.countersign.webhook.tested");
            assertThat(event.at("/tried/0/status")).isEqualTo(204);
            assertThat((List<?>) admin.get(ALL + "/1/deliveries?state=DEAD,WAITING").is(200).at("/items")).isEmpty();
            admin.post(ALL + "/1/test", Map.of()).is(202);
            ApiCalls.Said page = admin.get(ALL + "/1/deliveries?limit=1").is(200);
            assertThat((List<?>) page.at("/items")).hasSize(1);
            assertThat((List<?>) admin.get(ALL + "/1/deliveries?limit=1&cursor=" + page.at("/next")).is(200).at("/items")).hasSize(1);

            assertThat(admin.post(ALL + "/1/secret-rotation", Map.of()).is(200).at("/secret")).asString().startsWith("whsec_").isNotEqualTo(made.at("/secret"));
            admin.put(ALL + "/1", body(receiver.url()), "If-Match", tag).is(412);
            String now = admin.get(ALL + "/1").is(200).header("ETag").orElseThrow();
            admin.put(ALL + "/1", body(receiver.url())).is(428);
            ApiCalls.Said off = admin.put(ALL + "/1", Map.of("name", "Tickets", "url", receiver.url(), "types", TYPES, "enabled", false), "If-Match", now).is(200);
            assertThat(off.at("/disabled/as")).isEqualTo("BY_PERSON");
            assertThat(admin.post(ALL + "/1/test", Map.of()).is(409).code()).isEqualTo("CS9409");
            admin.post(ALL + "/1/redelivery", Map.of()).is(409);
            admin.post(ALL + "/1/deliveries/" + test.at("/entry") + "/redelivery", Map.of()).is(409);
            admin.post(ALL + "/1/deliveries/" + test.at("/entry") + "/discard", Map.of()).is(409);
            admin.post(ALL + "/1/deliveries/999999/redelivery", Map.of()).is(404);
            admin.get(ALL + "/1/deliveries/999999").is(404);
            admin.call("DELETE", ALL + "/1", Optional.empty(), "If-Match", "\"other\"").is(412);
            assertThat(admin.call("DELETE", ALL + "/1", Optional.empty()).is(200).at("/number")).isEqualTo(1);
            admin.call("DELETE", ALL + "/1", Optional.empty()).is(404);
            admin.get(ALL + "/1").is(404);
        }
    }

    @Test
    void whatIsWrongIsPointedAt() {
        TestTenant home = fixtures.tenant();
        ApiCalls admin = ApiCalls.at(port).as(tokens, home, "admin");
        assertThat(admin.post(ALL, Map.of()).is(422).pointers()).containsExactlyInAnyOrder("/name", "/url", "/types");
        assertThat(admin.post(ALL, Map.of("name", "n".repeat(61), "url", 1, "types", List.of(1), "enabled", "yes", "secret", "x")).is(422).pointers())
                .containsExactlyInAnyOrder("/name", "/url", "/types/0", "/enabled", "/secret");
        assertThat(admin.post(ALL, Map.of("name", "Tickets", "url", "https://10.0.0.7/x", "types", List.of("dev.countersign.webhook.tested"))).is(422).pointers())
                .containsExactlyInAnyOrder("/url", "/types");
        assertThat(admin.post(ALL, Map.of("name", "Tickets", "url", "https://hooks.example.com/x", "types", List.of())).is(422).pointers()).containsExactly("/types");
        for (int i = 0; i < 20; i++) {
            admin.post(ALL, Map.of("name", "Hook " + i, "url", "https://hooks.example.com/" + i, "types", TYPES, "enabled", false)).is(201);
        }
        assertThat(admin.post(ALL, body("https://hooks.example.com/more")).is(409).at("/detail")).asString().contains("at most 20");
        assertThat((List<?>) admin.get(ALL).is(200).at("/items")).hasSize(20);
    }

    @Test
    void onlyAdministratorsWithTheScopeComeIn() {
        TestTenant home = fixtures.tenant();
        ApiCalls.at(port).as(tokens, home, "admin").post(ALL, Map.of("name", "Hook", "url", "https://hooks.example.com/", "types", TYPES, "enabled", false)).is(201);
        for (String who : List.of("engineer", "owner", "security", "auditor")) {
            refusesEverything(ApiCalls.at(port).as(tokens, home, who), 403);
        }
        refusesEverything(ApiCalls.at(port).as(tokens, home, "admin", Scope.READ, Scope.REQUEST, Scope.REVIEW), 403);
        refusesEverything(ApiCalls.at(port).as(tokens, fixtures.tenant(), "admin"), 404);
    }

    private static void refusesEverything(ApiCalls who, int status) {
        if (status == 403) {
            who.get(ALL).is(403);
            who.post(ALL, body("https://hooks.example.com/")).is(403);
        }
        who.get(ALL + "/1").is(status);
        who.put(ALL + "/1", body("https://hooks.example.com/"), "If-Match", "*").is(status);
        who.call("DELETE", ALL + "/1", Optional.empty()).is(status);
        who.get(ALL + "/1/deliveries").is(status);
        who.get(ALL + "/1/deliveries/1").is(status);
        for (String verb : List.of("secret-rotation", "test", "redelivery", "deliveries/1/redelivery", "deliveries/1/discard")) {
            who.post(ALL + "/1/" + verb, Map.of()).is(status);
        }
    }
}
