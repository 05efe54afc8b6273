package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Asking and deciding by program, over HTTP, in the demo's shop.
@PortalTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessRequestsApiTests {
    private static final String REQUESTS = "/api/v1/access-requests";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    ApiTokens tokens;

    @LocalServerPort
    int port;

    private TestTenant home;
    private ShopFixture.Shop shop;
    private ApiCalls engineer;
    private ApiCalls owner;
    private ApiCalls security;

    @BeforeAll
    void openTheShop() {
        home = fixtures.tenant();
        shop = shops.open(home);
        ApiCalls api = ApiCalls.at(port);
        engineer = api.as(tokens, home, "engineer");
        owner = api.as(tokens, home, "owner");
        security = api.as(tokens, home, "security");
    }

    @AfterAll
    void closeTheShop() {
        shop.close();
    }

    static Map<String, Object> ask(String path) {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("kind", "ServiceAccess");
        ask.put("clusters", List.of("demo"));
        ask.put("from", List.of(Map.of("namespace", "production", "serviceAccount", "order-service")));
        ask.put("to", Map.of("namespace", "production", "workload", "payment-service"));
        ask.put("operations", List.of(Map.of("methods", List.of("POST"), "paths", List.of(path), "ports", List.of(8080))));
        return ask;
    }

    static Map<String, Object> body(String path) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("ask", ask(path));
        body.put("justification", Map.of("reason", "Checkout settles card payments when an order is placed.", "ticket", "PAY-1432"));
        body.put("grantFor", "P90D");
        return body;
    }

    private ApiCalls.Said submitted(String path) {
        return engineer.post(REQUESTS, body(path)).is(201);
    }

    private String address(ApiCalls.Said request) {
        return REQUESTS + "/" + request.at("/number");
    }

    private Map<String, Object> word(ApiCalls.Said request, String decision, String comment) {
        return Map.of("decision", decision, "digest", request.at("/digest"), "comment", comment);
    }

    private int count() {
        return ((List<?>) engineer.get(REQUESTS + "?limit=100").is(200).at("/items")).size();
    }

    @Test
    void aPreviewSaysWhatSubmittingWouldSayAndStoresNothing() {
        int before = count();
        ApiCalls.Said preview = engineer.post(REQUESTS + "/preview", body("/preview/*")).is(200);
        assertThat(preview.at("/submittable")).isEqualTo(true);
        assertThat((String) preview.at("/summary")).contains("order-service asks to POST /preview/* on payment-service");
        assertThat((String) preview.at("/policies/0/yaml")).contains("kind: AuthorizationPolicy", "/preview/*");
        assertThat((List<?>) preview.at("/stages")).isNotEmpty();
        assertThat(count()).isEqualTo(before);
    }

    @Test
    void aPreviewOfWhatDoesNotExistSaysWhere() {
        Map<String, Object> body = body("/x");
        ((Map<String, Object>) castMap(body.get("ask"))).put("to", Map.of("namespace", "production", "workload", "no-such"));
        ApiCalls.Said preview = engineer.post(REQUESTS + "/preview", body).is(200);
        assertThat(preview.at("/submittable")).isEqualTo(false);
        assertThat((String) preview.at("/errors/0/pointer")).startsWith("/ask/to");
        assertThat(engineer.post(REQUESTS, body).is(422).pointers()).first().asString().startsWith("/ask/to");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> castMap(Object value) {
        return (Map<String, Object>) value;
    }

    @Test
    void aRequestIsSubmittedDecidedGrantedAndDelivered() throws Exception {
        ApiCalls.Said request = submitted("/story/*");
        assertThat(request.header("Location")).contains(address(request));
        assertThat(request.at("/state")).isEqualTo("SUBMITTED");
        assertThat(request.at("/version")).isEqualTo(1);
        assertThat((String) request.at("/digest")).matches("sha256:[0-9a-f]{64}");
        assertThat(request.at("/grantFor")).isEqualTo("P90D");
        assertThat(request.at("/effect/verdict")).isNotNull();
        assertThat(request.at("/effect/seenAt")).as("of now").isNull();
        assertThat(castMap(request.at("/ask"))).isEqualTo(ask("/story/*"));
        assertThat(decidable(owner)).contains(request.at("/number"));
        assertThat(decidable(engineer)).doesNotContain(request.at("/number"));

        ApiCalls.Said now = owner.post(address(request) + "/reviews", word(request, "APPROVE", "Agreed.")).is(200);
        assertThat(now.at("/reviews/0/reviewer/name")).isEqualTo("owner@" + home.tenant().slug());
        if (now.at("/state").equals("SUBMITTED")) {
            now = security.post(address(request) + "/reviews", word(request, "APPROVE", "Agreed.")).is(200);
        }
        assertThat(now.at("/state")).isEqualTo("APPROVED");
        Object grant = now.at("/grants/0/id");
        assertThat(engineer.get("/api/v1/grants/" + grant).is(200).at("/request/digest")).isEqualTo(request.at("/digest"));

        ApiCalls.Said delivered = engineer.get(address(request)).is(200);
        for (int i = 0; i < 100 && !delivered.at("/delivery/0/state").equals("APPLIED"); i++) {
            Thread.sleep(100);
            delivered = engineer.get(address(request)).is(200);
        }
        assertThat(delivered.at("/delivery/0/state")).isEqualTo("APPLIED");
        assertThat(delivered.at("/effect/verdict")).as("as seen when it was submitted").isEqualTo(request.at("/effect/verdict"));
        assertThat(delivered.at("/effect/newlyAllowed")).isEqualTo(request.at("/effect/newlyAllowed"));
        assertThat(delivered.at("/effect/newlyCut")).isEqualTo(request.at("/effect/newlyCut"));
        assertThat(delivered.at("/effect/seenAt")).isEqualTo(request.at("/submittedAt"));
        ApiCalls.Said policies = engineer.get("/api/v1/clusters/demo/policies").is(200);
        assertThat(policies.text()).contains("COUNTERSIGN", "/story/*", "OTHER");

        ApiCalls.Said revoked = owner.post("/api/v1/grants/" + grant + "/revocation", Map.of("reason", "The checkout moved.")).is(200);
        assertThat(revoked.at("/state")).isEqualTo("REVOKED");
        assertThat(revoked.at("/end/reason")).isEqualTo("The checkout moved.");
        assertThat(owner.post("/api/v1/grants/" + grant + "/revocation", Map.of("reason", "Again.")).is(409).at("/state")).isEqualTo("REVOKED");
    }

    private List<Object> decidable(ApiCalls person) {
        return ((List<?>) person.get(REQUESTS + "?decidable=true&limit=100").is(200).at("/items")).stream().map(item -> (Object) castMap(item).get("number")).toList();
    }

    @Test
    void aReviewOfAnotherDigestIsAConflictThatNamesTheCurrentOne() {
        ApiCalls.Said request = submitted("/stale/*");
        ApiCalls.Said refused = owner.post(address(request) + "/reviews", Map.of("decision", "APPROVE", "digest", "sha256:" + "0".repeat(64))).is(409);
        assertThat(refused.at("/digest")).isEqualTo(request.at("/digest"));
        assertThat(refused.at("/version")).isEqualTo(1);
    }

    @Test
    void whoMayNotDecideIsToldAndNothingIsRecorded() {
        ApiCalls.Said request = submitted("/own/*");
        engineer.post(address(request) + "/reviews", word(request, "APPROVE", "")).is(403);
        assertThat((List<?>) engineer.get(address(request)).at("/reviews")).isEmpty();
    }

    @Test
    void aRejectionNeedsWordsAndASecondWordIsRefused() {
        ApiCalls.Said request = submitted("/words/*");
        assertThat(owner.post(address(request) + "/reviews", word(request, "REJECT", "")).is(422).pointers()).containsExactly("/comment");
        owner.post(address(request) + "/reviews", word(request, "REJECT", "Ask for less.")).is(200);
        assertThat(owner.post(address(request) + "/reviews", word(request, "APPROVE", "Or not.")).is(409).at("/state")).isEqualTo("REJECTED");
    }

    @Test
    void aNewVersionNeedsTheTagOfWhatWasSeen() {
        ApiCalls.Said request = submitted("/one/*");
        String there = address(request) + "/ask";
        engineer.put(there, body("/two/*")).is(428);
        engineer.put(there, body("/two/*"), "If-Match", "\"forged\"").is(412);
        engineer.put(there, body("/two/*"), "If-Match", "W/" + request.header("ETag").orElseThrow()).is(412);
        String tag = engineer.get(address(request)).is(200).header("ETag").orElseThrow();
        assertThat(request.header("ETag")).contains(tag);
        ApiCalls.Said revised = engineer.put(there, body("/two/*"), "If-Match", tag).is(200);
        assertThat(revised.at("/version")).isEqualTo(2);
        assertThat(revised.at("/digest")).isNotEqualTo(request.at("/digest"));
        engineer.put(there, body("/three/*"), "If-Match", tag).is(412);
        ApiCalls.Said alone = engineer.put(there, ask("/four/*"), "If-Match", revised.header("ETag").orElseThrow()).is(200);
        assertThat(alone.at("/version")).isEqualTo(3);
        assertThat(alone.at("/justification")).isEqualTo(request.at("/justification"));
        assertThat(alone.at("/grantFor")).isEqualTo("P90D");
        owner.put(there, body("/five/*"), "If-Match", alone.header("ETag").orElseThrow()).is(403);
    }

    @Test
    void ofManyWhoChangeTheSameVersionOneWins() throws Exception {
        ApiCalls.Said request = submitted("/race/*");
        String tag = request.header("ETag").orElseThrow();
        List<Integer> said = together(16, i -> heard(() -> engineer.put(address(request) + "/ask", body("/race" + i + "/*"), "If-Match", tag)).status());
        assertThat(said).filteredOn(status -> status == 200).hasSize(1);
        assertThat(said).filteredOn(status -> status != 200).allMatch(status -> status == 412 || status == 409);
        assertThat(engineer.get(address(request)).at("/version")).isEqualTo(2);
    }

    @Test
    void aTagKeepsTheCallerFromReadingTheSameTwice() {
        ApiCalls.Said request = submitted("/again/*");
        String tag = request.header("ETag").orElseThrow();
        assertThat(engineer.get(address(request), "If-None-Match", tag).is(304).text()).isEmpty();
        engineer.get(address(request), "If-None-Match", "\"other\", W/" + tag).is(304);
        engineer.get(address(request), "If-None-Match", "\"other\"").is(200);
        engineer.get(address(request), "If-Match", "\"other\"").is(412);
    }

    @Test
    void withdrawingIsForWhoAskedAndOnlyOnce() {
        ApiCalls.Said request = submitted("/back/*");
        owner.post(address(request) + "/withdrawal", "{}").is(403);
        engineer.call("POST", address(request) + "/withdrawal", Optional.empty()).is(200);
        assertThat(engineer.post(address(request) + "/withdrawal", "{}").is(409).at("/state")).isEqualTo("WITHDRAWN");
    }

    // --- retries ---

    @Test
    void aRetryWithItsKeyIsGivenTheSameAnswerAndMakesNothing() {
        ApiCalls.Said first = engineer.post(REQUESTS, body("/retry/*"), "Idempotency-Key", "retry-1").is(201);
        int before = count();
        ApiCalls.Said second = engineer.post(REQUESTS, body("/retry/*"), "Idempotency-Key", "retry-1").is(201);
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(second.header("ETag")).isEqualTo(first.header("ETag"));
        assertThat(count()).isEqualTo(before);
    }

    @Test
    void ofManyAtTheSameMomentWithOneKeyOneHasAnEffect() throws Exception {
        Set<Object> numbers = new TreeSet<>(together(16, i -> (Integer) heard(() -> engineer.post(REQUESTS, body("/many/*"), "Idempotency-Key", "many")).is(201).at("/number")));
        assertThat(numbers).hasSize(1);
    }

    @Test
    void aKeyWithAnotherBodyIsRefusedAndStoresNothing() {
        engineer.post(REQUESTS, body("/first/*"), "Idempotency-Key", "other-body").is(201);
        int before = count();
        engineer.post(REQUESTS, body("/second/*"), "Idempotency-Key", "other-body").is(422);
        assertThat(count()).isEqualTo(before);
    }

    @Test
    void aRefusalIsRepeatedToo() {
        ApiCalls.Said first = engineer.post(REQUESTS, "{\"ask\":{}}", "Idempotency-Key", "refused").is(422);
        assertThat(engineer.post(REQUESTS, "{\"ask\":{}}", "Idempotency-Key", "refused").is(422).text()).isEqualTo(first.text());
    }

    @Test
    void aKeyBelongsToOnePersonOneTenantAndOneAddress() {
        ApiCalls.Said mine = engineer.post(REQUESTS, body("/mine/*"), "Idempotency-Key", "shared").is(201);
        Map<String, Object> other = body("/mine/*");
        castMap(other.get("ask")).put("from", List.of(Map.of("namespace", "production", "serviceAccount", "frontend")));
        ApiCalls.Said theirs = security.post(REQUESTS, other, "Idempotency-Key", "shared").is(201);
        assertThat(theirs.at("/number")).isNotEqualTo(mine.at("/number"));
        engineer.post(REQUESTS + "/preview", body("/mine/*"), "Idempotency-Key", "shared").is(200);
        TestTenant elsewhere = fixtures.tenant();
        ApiCalls.at(port).as(tokens, elsewhere, "engineer").post(REQUESTS, body("/mine/*"), "Idempotency-Key", "shared").is(422);
    }

    @Test
    void aKeyIsVisibleAscii() {
        engineer.post(REQUESTS + "/preview", body("/k"), "Idempotency-Key", "a b").is(422);
        engineer.post(REQUESTS + "/preview", body("/k"), "Idempotency-Key", "x".repeat(256)).is(422);
        engineer.post(REQUESTS + "/preview", body("/k"), "Idempotency-Key", "x".repeat(255)).is(200);
    }

    // --- what a list does and does not let pass ---

    @Test
    void aListIsPagedByACursorThatNobodyCanForge() {
        IntStream.range(0, 3).forEach(i -> submitted("/page" + i + "/*"));
        ApiCalls.Said first = engineer.get(REQUESTS + "?limit=2&mine=true").is(200);
        String next = (String) first.at("/next");
        String link = first.header("Link").orElseThrow();
        assertThat(link).contains("rel=\"next\"", next);
        ApiCalls.Said second = engineer.get(link.substring(1, link.indexOf('>'))).is(200);
        assertThat((Integer) second.at("/items/0/number")).isLessThan((Integer) first.at("/items/1/number"));
        engineer.get(REQUESTS + "?limit=5&mine=true&cursor=" + next).is(200);
        assertThat(engineer.get(REQUESTS + "?limit=2&cursor=" + next).is(422).pointers()).containsExactly("?cursor");
        engineer.get("/api/v1/grants?mine=true&cursor=" + next).is(422);
        engineer.get(REQUESTS + "?mine=true&cursor=MQ").is(422);
        for (int i = 0; i < next.length(); i++) {
            char other = next.charAt(i) == 'A' ? 'B' : 'A';
            engineer.get(REQUESTS + "?mine=true&cursor=" + next.substring(0, i) + other + next.substring(i + 1)).is(422);
        }
    }

    @Test
    void aListIsNarrowedByStateAndWords() {
        ApiCalls.Said request = submitted("/narrow/*");
        engineer.post(address(request) + "/withdrawal", "{}").is(200);
        List<?> items = (List<?>) engineer.get(REQUESTS + "?state=WITHDRAWN,REJECTED&q=narrow").is(200).at("/items");
        assertThat(items).allMatch(item -> Set.of("WITHDRAWN", "REJECTED").contains(castMap(item).get("state")));
        assertThat(engineer.get(REQUESTS + "?state=withdrawn").is(422).pointers()).containsExactly("?state");
        assertThat(engineer.get(REQUESTS + "?sate=WITHDRAWN").is(422).pointers()).containsExactly("?sate");
        assertThat(engineer.get(REQUESTS + "?mine=yes").is(422).pointers()).containsExactly("?mine");
        assertThat(engineer.get(REQUESTS + "?limit=1&limit=2").is(422).pointers()).containsExactly("?limit");
        assertThat(engineer.get(REQUESTS + "?limit=0").is(422).pointers()).containsExactly("?limit");
        assertThat(engineer.get(REQUESTS + "?decidable=true&mine=true").is(422).pointers()).containsExactly("?decidable");
    }

    @Test
    void wordsAreNeverSql() {
        for (String words : List.of("'; drop table person; --", "%", "_", "\\", "a:*|!b&(", "\"", "'||(select 1)||'", "${jndi:x}", "1 or 1=1")) {
            for (String parameter : List.of("q", "namespace")) {
                engineer.get(REQUESTS + "?" + parameter + "=" + java.net.URLEncoder.encode(words, java.nio.charset.StandardCharsets.UTF_8)).is(200);
            }
        }
        engineer.get(REQUESTS + "?q=a%00b").is(422);
    }

    // --- other tenants ---

    @Test
    void anotherTenantsRequestDoesNotExist() {
        ApiCalls.Said request = submitted("/secret/*");
        ApiCalls stranger = ApiCalls.at(port).as(tokens, fixtures.tenant(), "admin");
        stranger.get(address(request)).is(404);
        stranger.put(address(request) + "/ask", body("/x"), "If-Match", request.header("ETag").orElseThrow()).is(404);
        stranger.post(address(request) + "/reviews", word(request, "APPROVE", "x")).is(404);
        stranger.post(address(request) + "/withdrawal", "{}").is(404);
        stranger.get("/api/v1/clusters/demo").is(404);
        stranger.get("/api/v1/clusters/demo/policies").is(404);
        stranger.post("/api/v1/clusters/demo/reconciliation", "{}").is(404);
        stranger.get("/api/v1/grants/1").is(404);
        stranger.post("/api/v1/grants/1/revocation", Map.of("reason", "x")).is(404);
        assertThat((List<?>) stranger.get(REQUESTS).at("/items")).isEmpty();
        assertThat((List<?>) stranger.get("/api/v1/services").at("/items")).isEmpty();
        stranger.post(REQUESTS, body("/x")).is(422);
    }

    @Test
    void everyVerbNeedsItsScope() {
        ApiCalls reader = ApiCalls.at(port).as(tokens, home, "owner", Scope.READ);
        ApiCalls.Said request = submitted("/scopes/*");
        reader.get(address(request)).is(200);
        reader.post(REQUESTS, body("/x")).is(403);
        reader.post(REQUESTS + "/preview", body("/x")).is(403);
        reader.put(address(request) + "/ask", body("/x"), "If-Match", "*").is(403);
        reader.post(address(request) + "/withdrawal", "{}").is(403);
        reader.post(address(request) + "/reviews", word(request, "APPROVE", "")).is(403);
        reader.post("/api/v1/grants/1/revocation", Map.of("reason", "x")).is(403);
        reader.post("/api/v1/clusters", "{}").is(403);
        reader.post("/api/v1/clusters/demo/reconciliation", "{}").is(403);
        ApiCalls writer = ApiCalls.at(port).as(tokens, home, "engineer", Scope.REQUEST);
        writer.get(address(request)).is(403);
        writer.post(REQUESTS + "/preview", body("/x")).is(200);
    }

    /// Where a tenant has taken its share of the connections it is told to come again, and does.
    private static ApiCalls.Said heard(Supplier<ApiCalls.Said> call) {
        ApiCalls.Said said = call.get();
        for (int again = 0; again < 40 && said.status() == 503 && said.header("Retry-After").isPresent(); again++) {
            LockSupport.parkNanos(50_000_000);
            said = call.get();
        }
        return said;
    }

    private static <T> List<T> together(int many, java.util.function.IntFunction<T> call) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return threads.invokeAll(IntStream.range(0, many).<Callable<T>>mapToObj(i -> () -> call.apply(i)).toList()).stream().map(done -> {
                try {
                    return done.get();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }).toList();
        }
    }
}
