package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.GrantPeriod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A plan is set and a rollout continued over the API; every answer is held against the description.
@PortalTest
class RolloutsApiTests {
    private static final String PLAN = "/api/v1/rollout-plan";
    private static final Map<String, Object> REST = Map.of("name", "Everywhere", "places", List.of());

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    ApiTokens tokens;

    @LocalServerPort
    int port;

    private static Map<String, Object> waves(Map<?, ?>... waves) {
        return Map.of("waves", List.of(waves));
    }

    @Test
    void aPlanIsSetAndARolloutContinuedOnWhatWasShown() {
        TestTenant home = fixtures.tenant();
        try (ShopFixture.Shop _ = shops.open(home); ShopFixture.Shop _ = shops.open(home, "west")) {
            ApiCalls engineer = ApiCalls.at(port).as(tokens, home, "engineer");
            ApiCalls admin = ApiCalls.at(port).as(tokens, home, "admin");
            ApiCalls security = ApiCalls.at(port).as(tokens, home, "security");
            ApiCalls.Said none = engineer.get(PLAN).is(200);
            assertThat(none.at("/version")).isEqualTo(0);
            assertThat((List<?>) none.at("/waves")).isEmpty();
            String before = none.header("ETag").orElseThrow();
            Map<String, Object> wanted = waves(Map.of("name", "Canary", "places", List.of("demo/production"), "pause", "PT36H", "continues", "PERSON"), REST);
            put(admin, wanted).is(428);
            put(engineer, wanted, "If-Match", before).is(403);
            put(security, wanted, "If-Match", before).is(403);
            put(ApiCalls.at(port).as(tokens, home, "admin", Scope.READ), wanted, "If-Match", before).is(403);
            assertThat(put(admin, Map.of(), "If-Match", before).is(422).pointers()).containsExactly("/waves");
            assertThat(put(admin, waves(Map.of("name", "", "places", "demo", "pause", "soon", "continues", "NEVER", "more", 1)), "If-Match", before).is(422).pointers())
                    .containsExactlyInAnyOrder("/waves/0/name", "/waves/0/places", "/waves/0/pause", "/waves/0/continues", "/waves/0/more");
            assertThat(put(admin, waves(Map.of("name", "Canary", "places", List.of("nowhere")), REST), "If-Match", before).is(422).pointers()).containsExactly("/waves/0/places");
            ApiCalls.Said set = put(admin, wanted, "If-Match", before).is(200);
            assertThat(set.at("/version")).isEqualTo(1);
            assertThat(set.at("/waves/0/pause")).isEqualTo("PT36H");
            assertThat(set.at("/waves/0/continues")).isEqualTo("PERSON");
            put(admin, wanted, "If-Match", before).is(412);
            engineer.get(PLAN, "If-None-Match", set.header("ETag").orElseThrow()).is(304);

            long request = approvals.approve(home, List.of("demo", "west"), "production", "order-service", "payment-service", "/api/v1/payments/*", new GrantPeriod.Permanent());
            String at = "/api/v1/access-requests/" + request;
            ApiCalls.Said shown = engineer.get(at).is(200);
            assertThat(shown.at("/rollout/plan")).isEqualTo(1);
            assertThat(shown.at("/rollout/next")).isEqualTo(2);
            assertThat(shown.at("/rollout/waves/1/state")).isEqualTo("WAITING");
            assertThat(shown.at("/rollout/waves/1/grants/0/delivery")).isEqualTo("HELD");
            assertThat((List<?>) shown.at("/rollout/waitsFor")).isNotEmpty();
            assertThat((List<?>) engineer.get("/api/v1/grants?state=HELD&cluster=west").is(200).at("/items")).hasSize(1);
            String go = at + "/rollout/continuation";
            engineer.post(go, Map.of("digest", "sha256:0", "reason", "x")).is(403);
            ApiCalls.at(port).as(tokens, home, "security", Scope.READ).post(go, Map.of("digest", "sha256:0", "reason", "x")).is(403);
            assertThat(security.post(go, "{}").is(422).pointers()).containsExactlyInAnyOrder("/digest", "/reason");
            assertThat(security.post(go, Map.of("digest", "sha256:0", "reason", "  ")).is(422).pointers()).containsExactly("/reason");
            security.post(at.replace("" + request, "999") + "/rollout/continuation", Map.of("digest", "sha256:0", "reason", "x")).is(404);
            security.post(go, Map.of("digest", "sha256:0", "reason", "x"), "If-Match", "\"another\"").is(412);
            Object digest = security.post(go, Map.of("digest", "sha256:0", "reason", "x")).is(409).at("/digest");
            ApiCalls.Said gone = continued(security, go, digest);
            assertThat(gone.at("/rollout/waves/1/continued/reason")).isEqualTo("It looks well.");
            assertThat(gone.at("/rollout/next")).isNull();
            security.post(go, Map.of("digest", digest, "reason", "again")).is(409);
            ApiCalls stranger = ApiCalls.at(port).as(tokens, fixtures.tenant(), "security");
            assertThat(stranger.get(PLAN).is(200).at("/version")).as("another tenant's plan is its own").isEqualTo(0);
            stranger.post(go, Map.of("digest", digest, "reason", "x")).is(404);
            assertThat((List<?>) put(admin, waves(), "If-Match", "*").is(200).at("/waves")).isEmpty();
        }
    }

    /// What is under way may be delivered just between the look and the word: then the answer names the newer digest.
    private static ApiCalls.Said continued(ApiCalls security, String go, Object digest) {
        ApiCalls.Said said = security.post(go, Map.of("digest", digest, "reason", "It looks well."));
        for (int i = 0; i < 5 && said.status() == 409; i++) {
            said = security.post(go, Map.of("digest", said.at("/digest"), "reason", "It looks well."));
        }
        return said.is(200);
    }

    private static ApiCalls.Said put(ApiCalls as, Map<String, Object> body, String... headers) {
        return as.put(PLAN, body, headers);
    }
}
