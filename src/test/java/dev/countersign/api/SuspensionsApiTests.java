package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.Tenants;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Rolling back and lifting over the API; every answer is held against the description.
@PortalTest
class SuspensionsApiTests {
    private static final String POLICY = "countersign-payment-service";
    private static final String REVISIONS = "/api/v1/clusters/demo/policies/production/" + POLICY + "/revisions/";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    ApiTokens tokens;

    @LocalServerPort
    int port;

    private static Map<String, Object> body(Object digest) {
        return Map.of("cluster", "demo", "namespace", "production", "policy", POLICY, "revision", 1, "digest", digest, "reason", "We look into a leak.");
    }

    @Test
    void aPolicyIsRolledBackAndLiftedOnWhatWasShown() {
        TestTenant home = fixtures.tenant();
        try (ShopFixture.Shop shop = shops.open(home)) {
            ApiCalls engineer = ApiCalls.at(port).as(tokens, home, "engineer");
            ApiCalls owner = ApiCalls.at(port).as(tokens, home, "owner");
            ApiCalls security = ApiCalls.at(port).as(tokens, home, "security");
            shop.approve("order-service");
            long request = shop.approve("billing-service");
            engineer.get(REVISIONS + "2/rollback").is(404);
            engineer.get(REVISIONS + "9/rollback").is(404);
            engineer.get("/api/v1/clusters/other/policies/production/" + POLICY + "/revisions/1/rollback").is(404);
            ApiCalls.Said shown = engineer.get(REVISIONS + "1/rollback").is(200);
            assertThat(shown.at("/current")).isEqualTo(2);
            assertThat(shown.at("/suspends/0/state")).isEqualTo("ACTIVE");
            assertThat(shown.at("/effect/verdict")).isEqualTo("LESS_PERMISSIVE");
            assertThat(shown.at("/effect/newlyCut/0/witness/from")).isEqualTo("production/billing-service");
            Object digest = shown.at("/digest");
            engineer.post("/api/v1/suspensions", body(digest)).is(403);
            ApiCalls.at(port).as(tokens, home, "security", Scope.READ).post("/api/v1/suspensions", body(digest)).is(403);
            assertThat(owner.post("/api/v1/suspensions", Map.of()).is(422).pointers())
                    .containsExactlyInAnyOrder("/cluster", "/namespace", "/policy", "/revision", "/digest", "/reason");
            Map<String, Object> elsewhere = new HashMap<>(body(digest));
            elsewhere.put("policy", "nobody");
            owner.post("/api/v1/suspensions", elsewhere).is(404);
            ApiCalls.Said moved = owner.post("/api/v1/suspensions", body("sha256:" + "0".repeat(64))).is(409);
            assertThat(moved.at("/digest")).isEqualTo(digest);
            assertThat(moved.at("/current")).isEqualTo(2);
            String key = UUID.randomUUID().toString();
            ApiCalls.Said made = owner.post("/api/v1/suspensions", body(digest), "Idempotency-Key", key).is(201);
            assertThat(made.at("/state")).isEqualTo("HOLDING");
            assertThat(made.at("/madeAs")).isEqualTo("OWNER");
            assertThat(owner.post("/api/v1/suspensions", body(digest), "Idempotency-Key", key).is(201).text()).as("the same key gives the same answer").isEqualTo(made.text());
            String at = made.header("Location").orElseThrow();
            assertThat(at).isEqualTo("/api/v1/suspensions/1");
            assertThat((List<?>) engineer.get("/api/v1/suspensions?state=HOLDING&cluster=demo").is(200).at("/items")).hasSize(1);
            assertThat(engineer.get("/api/v1/suspensions?cluster=other").is(422).pointers()).containsExactly("?cluster");
            assertThat(engineer.get("/api/v1/grants?state=SUSPENDED").is(200).at("/items/0/suspension")).isEqualTo(1);
            assertThat(engineer.get("/api/v1/access-requests/" + request).is(200).at("/delivery/0/state")).isEqualTo("SUSPENDED");
            engineer.get(at, "If-None-Match", engineer.get(at).is(200).header("ETag").orElseThrow()).is(304);
            Object open = engineer.get(at + "/resumption").is(200).at("/digest");
            engineer.post(at + "/resumption", Map.of("digest", open, "reason", "x")).is(403);
            assertThat(owner.post(at + "/resumption", "{}").is(422).pointers()).containsExactlyInAnyOrder("/digest", "/reason");
            assertThat(owner.post(at + "/resumption", Map.of("digest", "sha256:0", "reason", "x")).is(409).at("/digest")).isEqualTo(open);
            owner.post(at + "/resumption", Map.of("digest", open, "reason", "x"), "If-Match", "\"another\"").is(412);
            ApiCalls.Said lifted = owner.post(at + "/resumption", Map.of("digest", open, "reason", "There was none.")).is(200);
            assertThat(lifted.at("/state")).isEqualTo("RESUMED");
            assertThat(lifted.at("/resumption/reason")).isEqualTo("There was none.");
            security.post(at + "/resumption", Map.of("digest", open, "reason", "again")).is(409);
            engineer.get(at + "/resumption").is(404);
            assertThat((List<?>) engineer.get("/api/v1/suspensions?state=HOLDING").is(200).at("/items")).isEmpty();
            assertThat((List<?>) engineer.get("/api/v1/suspensions?state=ENDED&limit=1").is(200).at("/items")).hasSize(1);
            TestTenant other = fixtures.tenant();
            ApiCalls stranger = ApiCalls.at(port).as(tokens, other, "security");
            stranger.get(at).is(404);
            stranger.post("/api/v1/suspensions", body(digest)).is(404);
            stranger.post(at + "/resumption", Map.of("digest", open, "reason", "x")).is(404);
        }
    }
}
