package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.audit.Actor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What holds for every address: who is let in, how JSON is read, how a refusal looks.
@PortalTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireTests {
    private static final String PREVIEW = "/api/v1/access-requests/preview";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    ApiTokens tokens;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private TestTenant home;
    private ShopFixture.Shop shop;
    private ApiCalls bare;
    private ApiCalls admin;

    @BeforeAll
    void open() {
        home = fixtures.tenant();
        shop = shops.open(home);
        bare = ApiCalls.at(port);
        admin = bare.as(tokens, home, "admin");
    }

    @AfterAll
    void close() {
        shop.close();
    }

    // --- tokens ---

    @Test
    void withoutAValidTokenThereIsOnlyTheDescription() {
        var issued = CurrentTenant.call(home.tenant().id(),
                () -> tokens.issue(Actor.system("test"), home.person("engineer"), "soon revoked", Set.of(Scope.READ), Duration.ofHours(1)));
        assertThat(bare.withToken(issued.secret()).get("/api/v1/me").is(200).at("/scopes")).isEqualTo(List.of("read"));
        String secret = issued.secret();
        for (String wrong : List.of("", "cs_", "x", secret.substring(0, secret.length() - 1), secret + "x", secret.replace("cs_" + home.tenant().slug(), "cs_other"),
                secret.replace(issued.id().toString().replace("-", ""), UUID.randomUUID().toString().replace("-", "")), "cs_" + "a".repeat(5_000))) {
            ApiCalls.Said refused = bare.withToken(wrong).get("/api/v1/me").is(401);
            assertThat(refused.header("WWW-Authenticate")).contains("Bearer");
            assertThat(refused.code()).isEqualTo("CS9401");
        }
        CurrentTenant.call(home.tenant().id(), () -> tokens.revoke(Actor.system("test"), issued.id()));
        bare.withToken(secret).get("/api/v1/me").is(401);
        bare.get("/api/v1/me").is(401);
        bare.get("/api/v1/nothing").is(401);
        bare.get("/api/v1/me?access_token=" + secret).is(401);
        assertThat(ApiCalls.at(port).description()).isNotEmpty();
    }

    @Test
    void anExpiredTokenIsNoToken() {
        var issued = CurrentTenant.call(home.tenant().id(),
                () -> tokens.issue(Actor.system("test"), home.person("engineer"), "short", Set.of(Scope.READ), Duration.ofHours(1)));
        CurrentTenant.call(home.tenant().id(), () -> fixturesExpire(issued.id()));
        bare.withToken(issued.secret()).get("/api/v1/me").is(401);
    }

    private boolean fixturesExpire(UUID token) {
        return new org.springframework.transaction.support.TransactionTemplate(transactions).execute(status ->
                jdbc.sql("update api_token set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where tenant_id = ? and id = ?")
                        .params(home.tenant().id().value(), token).update()) == 1;
    }

    @Autowired
    org.springframework.transaction.PlatformTransactionManager transactions;

    // --- JSON ---

    @Test
    void whatIsNoJsonIs400() {
        for (String body : List.of("", " ", "{", "{\"ask\":}", "{'ask':1}", "{\"a\":1,}", "[1", "nul", "{\"a\":01}", "{\"a\":NaN}", "{} {}", "{}x", "// c\n{}", "{\"a\":\"\n\"}")) {
            ApiCalls.Said refused = admin.call("POST", PREVIEW, Optional.of(body)).is(400);
            assertThat(refused.code()).isEqualTo("CS9400");
        }
    }

    @Test
    void aMemberThatStandsTwiceIsRefusedAtItsPointer() {
        assertThat(admin.post(PREVIEW, "{\"ask\":{\"kind\":\"ServiceAccess\",\"kind\":\"ServiceAccess\"}}").is(422).pointers()).containsExactly("/ask/kind");
        assertThat(admin.post(PREVIEW, "{\"ask\":{\"from\":[{},{\"a/b~c\":1,\"a/b~c\":2}]}}").is(422).pointers()).containsExactly("/ask/from/1/a~1b~0c");
    }

    @Test
    void nothingIsCoerced() {
        Map<String, Object> body = AccessRequestsApiTests.body("/x");
        for (Map.Entry<String, Object> wrong : Map.<String, Object>of("justification", "text", "ask", List.of(), "grantFor", 90).entrySet()) {
            Map<String, Object> changed = new LinkedHashMap<>(body);
            changed.put(wrong.getKey(), wrong.getValue());
            assertThat(admin.post(PREVIEW, changed).is(422).pointers()).anyMatch(pointer -> pointer.startsWith("/" + wrong.getKey()));
        }
        String simulation = """
                {"cluster":"demo","to":{"namespace":"production","workload":"payment-service"},"call":{"port":%s,"mtls":%s}}""";
        admin.post("/api/v1/simulations", simulation.formatted("8080", "false")).is(200);
        for (String port : List.of("\"8080\"", "8080.0", "8e3", "true", "0", "65536", "99999999999999999999", "null", "[8080]")) {
            assertThat(admin.post("/api/v1/simulations", simulation.formatted(port, "false")).is(422).pointers()).containsExactly("/call/port");
        }
        assertThat(admin.post("/api/v1/simulations", simulation.formatted("8080", "\"false\"")).is(422).pointers()).contains("/call/mtls");
    }

    @Test
    void whatIsTooLargeOrTooDeepIsRefusedAtTheDoor() {
        admin.post(PREVIEW, "{\"ask\":\"" + "x".repeat(70_000) + "\"}").is(413);
        admin.post("/api/v1/policies/validation", "{\"a\":\"" + "x".repeat(1_100_000) + "\"}").is(413);
        admin.post(PREVIEW, "[".repeat(20_000)).is(422);
        admin.post(PREVIEW, "{\"a\":".repeat(JsonText.DEPTH + 1) + "1" + "}".repeat(JsonText.DEPTH + 1)).is(422);
        admin.post(PREVIEW, "{\"" + "n".repeat(2_000) + "\":1}").is(422);
        admin.post(PREVIEW, "{\"ask\":" + "9".repeat(200) + "}").is(422);
        admin.call("POST", PREVIEW, Optional.of("{}"), "Content-Encoding", "gzip").is(415);
        admin.post("/api/v1/policies/validation", "{\"a\":".repeat(500) + "1" + "}".repeat(500)).is(400);
        admin.call("POST", "/api/v1/policies/validation", Optional.of("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"), "Content-Type", "application/yaml").is(400);
    }

    @Test
    void aTextWithControlCharactersOrHalfAPairIsRefused() {
        for (String text : List.of("\\u0000", "\\u0007", "\\ud800", "\\udc00x")) {
            Map<String, Object> body = AccessRequestsApiTests.body("/x");
            String json = new tools.jackson.databind.json.JsonMapper().writeValueAsString(body).replace("PAY-1432", text);
            assertThat(admin.post(PREVIEW, json).is(422).pointers()).containsExactly("/justification/ticket");
        }
    }

    /// Every column of every table, in both spellings, and dotted, put into every object of every body.
    @Test
    void noMemberOfAnyEntityCanBeAssignedFromOutside() {
        Set<String> names = new TreeSet<>(jdbc.sql("select distinct column_name from information_schema.columns where table_schema = 'public'").query(String.class).list());
        jdbc.sql("select distinct column_name from information_schema.columns where table_schema = 'public'").query(String.class).list()
                .forEach(name -> names.add(camel(name)));
        names.addAll(List.of("tenant.id", "requester.id", "__proto__", "constructor", "@type", "$type", "class", "approvedBy", "permissions"));
        int injected = 0;
        for (Map.Entry<String, Object> body : bodies().entrySet()) {
            for (List<String> place : objects(body.getValue(), List.of())) {
                Set<?> known = ((Map<?, ?>) at(body.getValue(), place)).keySet();
                List<String> foreign = names.stream().filter(name -> !known.contains(name) && !KNOWN.contains(name)).toList();
                for (int from = 0; from < foreign.size(); from += 10) {
                    List<String> some = foreign.subList(from, Math.min(from + 10, foreign.size()));
                    ApiCalls.Said refused = admin.post(body.getKey(), with(body.getValue(), place, some)).is(422);
                    String pointer = place.isEmpty() ? "" : "/" + String.join("/", place);
                    assertThat(refused.pointers()).as(body.getKey() + " " + pointer).containsAll(some.stream().map(name -> pointer + "/" + name).toList());
                    injected += some.size();
                }
            }
        }
        assertThat(injected).isGreaterThan(2_000);
    }

    /// Members of bodies that are named like a column; left out of the example, so that they are not foreign.
    private static final Set<String> KNOWN = Set.of(
            "until", "tenant", "path", "paths", "labels", "workload", "reason", "ticket", "name", "namespace", "namespaces", "cluster", "kind", "comment", "words", "decision",
            "digest", "methods", "trustDomain", "rootNamespace", "pathNormalization", "values", "notValues", "remove", "host", "port", "operations", "yaml");

    private Map<String, Object> bodies() {
        Map<String, Object> simulation = Map.of("cluster", "demo", "from", Map.of("namespace", "production", "serviceAccount", "frontend"),
                "to", Map.of("namespace", "production", "workload", "payment-service"), "call", Map.of("port", 8080));
        Map<String, Object> comparison = Map.of("cluster", "demo", "to", Map.of("namespace", "production", "workload", "payment-service"), "change", Map.of("policies", List.of()));
        Map<String, Object> bodies = new LinkedHashMap<>();
        bodies.put(PREVIEW, AccessRequestsApiTests.body("/x"));
        bodies.put("/api/v1/access-requests", AccessRequestsApiTests.body("/x"));
        bodies.put("/api/v1/access-requests/1/reviews", Map.of("decision", "APPROVE", "digest", "sha256:0", "comment", ""));
        bodies.put("/api/v1/access-requests/1/withdrawal", Map.of());
        bodies.put("/api/v1/grants/1/revocation", Map.of("reason", "x"));
        bodies.put("/api/v1/clusters", Map.of("name", "x", "kubeconfig", "x", "namespaces", List.of("x")));
        bodies.put("/api/v1/clusters/demo/reconciliation", Map.of());
        bodies.put("/api/v1/simulations", simulation);
        bodies.put("/api/v1/comparisons", comparison);
        return bodies;
    }

    private static List<List<String>> objects(Object value, List<String> here) {
        List<List<String>> found = new ArrayList<>();
        if (value instanceof Map<?, ?> map) {
            found.add(here);
            map.forEach((name, inner) -> found.addAll(objects(inner, join(here, (String) name))));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                found.addAll(objects(list.get(i), join(here, Integer.toString(i))));
            }
        }
        return found;
    }

    private static List<String> join(List<String> path, String last) {
        List<String> longer = new ArrayList<>(path);
        longer.add(last);
        return longer;
    }

    private static Object at(Object value, List<String> path) {
        Object at = value;
        for (String part : path) {
            at = at instanceof List<?> list ? list.get(Integer.parseInt(part)) : ((Map<?, ?>) at).get(part);
        }
        return at;
    }

    private static Object with(Object value, List<String> place, List<String> names) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((name, inner) -> copy.put((String) name,
                    !place.isEmpty() && place.getFirst().equals(name) ? with(inner, place.subList(1, place.size()), names) : inner));
            if (place.isEmpty()) {
                names.forEach(name -> copy.put(name, "injected"));
            }
            return copy;
        }
        List<Object> copy = new ArrayList<>((List<?>) value);
        int index = Integer.parseInt(place.getFirst());
        copy.set(index, with(copy.get(index), place.subList(1, place.size()), names));
        return copy;
    }

    private static String camel(String column) {
        StringBuilder camel = new StringBuilder();
        for (String part : column.split("_")) {
            camel.append(camel.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
        }
        return camel.toString();
    }

    // --- refusals of HTTP ---

    @Test
    void everyRefusalIsAProblemWithACode() {
        assertThat(admin.get("/api/v1/nothing").is(404).code()).isEqualTo("CS9404");
        assertThat(admin.get("/api/v1/access-requests/abc").is(404).code()).isEqualTo("CS9404");
        assertThat(admin.get("/api/v1/access-requests/999999").is(404).code()).isEqualTo("CS9404");
        assertThat(admin.get("/api/v1/access-requests/99999999999999999999").is(404).code()).isEqualTo("CS9404");
        ApiCalls.Said method = admin.call("DELETE", "/api/v1/me", Optional.empty()).is(405);
        assertThat(method.header("Allow").orElseThrow()).contains("GET");
        assertThat(admin.get("/api/v1/me", "Accept", "application/yaml").is(406).code()).isEqualTo("CS9406");
        assertThat(admin.get("/api/v1/me", "Accept", "text/html").is(406).code()).isEqualTo("CS9406");
        for (String type : List.of("text/plain", "application/yaml", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml")) {
            assertThat(admin.call("POST", PREVIEW, Optional.of("{}"), "Content-Type", type).is(415).code()).isEqualTo("CS9415");
        }
        assertThat(admin.get("/api/v1/me?x=1").is(422).pointers()).containsExactly("?x");
        assertThat(admin.post(PREVIEW + "?x=1", "{}").is(422).pointers()).containsExactly("?x");
    }

    @Test
    void aMethodCannotBeOverridden() {
        admin.call("POST", "/api/v1/me", Optional.of("{}"), "X-HTTP-Method-Override", "GET").is(405);
        admin.get("/api/v1/me?_method=DELETE").is(422);
    }

    @Test
    void aBrowsersSessionIsNoKeyToTheApi() {
        bare.get("/api/v1/me", "Cookie", "countersign=" + UUID.randomUUID()).is(401);
    }

    // --- the description ---

    @Test
    void theDescriptionIsComplete() {
        Map<?, ?> described = bare.description();
        assertThat(described.get("openapi")).isEqualTo("3.1.0");
        Map<?, ?> paths = (Map<?, ?>) described.get("paths");
        assertThat(paths.keySet()).extracting(Object::toString).containsExactlyInAnyOrder(
                "/api/v1/me", "/api/v1/services", "/api/v1/access-requests", "/api/v1/access-requests/preview", "/api/v1/access-requests/{number}",
                "/api/v1/access-requests/{number}/ask", "/api/v1/access-requests/{number}/reviews", "/api/v1/access-requests/{number}/withdrawal",
                "/api/v1/access-requests/{number}/rollout/continuation", "/api/v1/rollout-plan",
                "/api/v1/grants", "/api/v1/grants/{id}", "/api/v1/grants/{id}/revocation", "/api/v1/clusters", "/api/v1/clusters/{name}",
                "/api/v1/adoptions", "/api/v1/adoptions/{number}", "/api/v1/clusters/{name}/hygiene", "/api/v1/clusters/{name}/reach",
                "/api/v1/delivery-stops", "/api/v1/delivery-stops/{number}", "/api/v1/delivery-stops/{number}/release",
                "/api/v1/webhooks", "/api/v1/webhooks/{number}", "/api/v1/webhooks/{number}/secret-rotation", "/api/v1/webhooks/{number}/test",
                "/api/v1/webhooks/{number}/redelivery", "/api/v1/webhooks/{number}/deliveries", "/api/v1/webhooks/{number}/deliveries/{entry}",
                "/api/v1/webhooks/{number}/deliveries/{entry}/redelivery", "/api/v1/webhooks/{number}/deliveries/{entry}/discard",
                "/api/v1/suspensions", "/api/v1/suspensions/{number}", "/api/v1/suspensions/{number}/resumption",
                "/api/v1/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision}/rollback",
                "/api/v1/clusters/{name}/policies", "/api/v1/clusters/{name}/delivery", "/api/v1/clusters/{name}/reconciliation", "/api/v1/policies/validation", "/api/v1/simulations",
                "/api/v1/comparisons", "/api/v1/audit/entries", "/api/v1/audit/checkpoint", "/api/v1/services/{cluster}/{namespace}/{workload}/callers", "/api/v1/audit/proofs/inclusion",
                "/api/v1/audit/proofs/consistency", "/api/v1/audit/receipt", "/api/v1/audit/export", "/api/v1/audit/tile/{level}/{place}",
                "/api/v1/audit/log/checkpoint", "/api/v1/audit/log/tile/{level}/{place}");
        Set<String> ids = new TreeSet<>();
        paths.values().forEach(path -> ((Map<?, ?>) path).forEach((method, operation) -> {
            Map<?, ?> said = (Map<?, ?>) operation;
            assertThat(ids.add((String) said.get("operationId"))).as("unique " + said.get("operationId")).isTrue();
            assertThat((String) said.get("summary")).isNotBlank();
            assertThat(((Map<?, ?>) said.get("responses")).keySet()).extracting(Object::toString).contains("401", "403", "500");
            if (method.equals("post")) {
                assertThat(said.get("parameters").toString()).contains("Idempotency-Key");
            }
        }));
        references(described).forEach(reference -> assertThat(at(described, List.of(reference.substring(2).split("/")))).as(reference).isNotNull());
    }

    private static Set<String> references(Object value) {
        Set<String> found = new TreeSet<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, inner) -> {
                if (name.equals("$ref")) {
                    found.add((String) inner);
                } else {
                    found.addAll(references(inner));
                }
            });
        } else if (value instanceof List<?> list) {
            list.forEach(inner -> found.addAll(references(inner)));
        }
        return found;
    }

    @Test
    void everyExampleIsWhatItsSchemaSays() {
        Map<?, ?> described = bare.description();
        List<String> wrong = new ArrayList<>();
        ((Map<?, ?>) described.get("paths")).forEach((path, operations) -> ((Map<?, ?>) operations).values().forEach(operation -> {
            if (((Map<?, ?>) operation).get("requestBody") instanceof Map<?, ?> body) {
                ((Map<?, ?>) body.get("content")).values().forEach(media -> {
                    Object example = ((Map<?, ?>) media).get("example");
                    Object schema = ((Map<?, ?>) media).get("schema");
                    Object first = ((Map<?, ?>) schema).get("oneOf") instanceof List<?> several ? several.getFirst() : schema;
                    if (example != null) {
                        wrong.addAll(SchemaCheck.wrong(described, first, example));
                    }
                });
            }
        }));
        assertThat(wrong).isEmpty();
    }
}
