package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.ApiTokens;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Services, clusters, the record, and the three that only say what would be.
@PortalTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoomsApiTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    ApiTokens tokens;

    @Autowired
    dev.countersign.catalog.CatalogSync sync;

    @LocalServerPort
    int port;

    private TestTenant home;
    private ShopFixture.Shop shop;
    private ApiCalls engineer;
    private ApiCalls admin;

    @BeforeAll
    void open() {
        home = fixtures.tenant();
        shop = shops.open(home);
        engineer = ApiCalls.at(port).as(tokens, home, "engineer");
        admin = ApiCalls.at(port).as(tokens, home, "admin");
    }

    @AfterAll
    void close() {
        shop.close();
    }

    @Test
    void meSaysWhoTheTokenActsFor() {
        ApiCalls.Said me = engineer.get("/api/v1/me").is(200);
        assertThat(me.at("/username")).isEqualTo("engineer@" + home.tenant().slug());
        assertThat(me.at("/teams/0/slug")).isEqualTo("orders");
        assertThat(me.at("/scopes")).isEqualTo(List.of("read", "request", "review", "admin"));
        engineer.get("/api/v1/me", "If-None-Match", me.header("ETag").orElseThrow()).is(304);
    }

    @Test
    void theInventoryIsPagedWithoutGapsAndSearched() {
        List<Object> whole = items(engineer.get("/api/v1/services?limit=100").is(200));
        assertThat(whole).hasSizeGreaterThan(4);
        List<Object> paged = new ArrayList<>();
        String next = "/api/v1/services?limit=2";
        while (next != null) {
            ApiCalls.Said page = engineer.get(next).is(200);
            paged.addAll(items(page));
            next = page.header("Link").map(link -> link.substring(1, link.indexOf('>'))).orElse(null);
            assertThat(page.at("/next") == null).isEqualTo(next == null);
        }
        assertThat(paged).isEqualTo(whole);
        ApiCalls.Said found = engineer.get("/api/v1/services?q=paymnt&namespace=production").is(200);
        assertThat(found.at("/items/0/name")).isEqualTo("payment-service");
        assertThat(found.at("/items/0/owner/slug")).isEqualTo("payments");
        assertThat(items(engineer.get("/api/v1/services?cluster=other").is(200))).isEmpty();
        String cursor = (String) engineer.get("/api/v1/services?limit=1").at("/next");
        engineer.get("/api/v1/services?q=pay&cursor=" + cursor).is(422);
    }

    private static List<Object> items(ApiCalls.Said page) {
        return new ArrayList<>((List<?>) page.at("/items"));
    }

    @Test
    void aClusterIsShownWithoutItsSecrets() {
        ApiCalls.Said cluster = engineer.get("/api/v1/clusters/demo").is(200);
        assertThat(cluster.at("/state")).isEqualTo("REACHABLE");
        assertThat(cluster.at("/credentials")).isEqualTo("token");
        String secret = shop.cluster().kubeconfig("portal").replaceAll("(?s).*token: *\"?([^\"\\s]+).*", "$1");
        assertThat(secret).isNotBlank().doesNotContain("\n");
        assertThat(cluster.text()).doesNotContain(secret);
        assertThat(engineer.get("/api/v1/clusters").is(200).text()).doesNotContain(secret).contains("\"demo\"");
        engineer.get("/api/v1/clusters/other").is(404);
        engineer.get("/api/v1/clusters/other/policies").is(404);
    }

    @Test
    void onlyAdministratorsRegisterAndARefusalSaysWhere() {
        Map<String, Object> body = Map.of("name", "west", "kubeconfig", "nonsense", "namespaces", List.of("production"));
        engineer.post("/api/v1/clusters", body).is(403);
        assertThat(admin.post("/api/v1/clusters", body).is(422).pointers()).contains("/kubeconfig");
        assertThat(admin.post("/api/v1/clusters", Map.of()).is(422).pointers()).contains("/name", "/kubeconfig", "/namespaces");
        admin.post("/api/v1/clusters", body, "Idempotency-Key", "west").is(422);
        admin.post("/api/v1/clusters", body, "Idempotency-Key", "west").is(422);
        admin.get("/api/v1/clusters/west").is(404);
    }

    @Test
    void aClusterIsRegisteredOnceForAKey() {
        TestTenant other = fixtures.tenant();
        ApiCalls theirs = ApiCalls.at(port).as(tokens, other, "admin");
        try (EmbeddedCluster cluster = ShopFixture.start()) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("name", "north");
            body.put("kubeconfig", cluster.kubeconfig("portal"));
            body.put("namespaces", List.of("production"));
            ApiCalls.Said first = theirs.post("/api/v1/clusters", body, "Idempotency-Key", "north").is(201);
            assertThat(first.header("Location")).contains("/api/v1/clusters/north");
            assertThat(theirs.post("/api/v1/clusters", body, "Idempotency-Key", "north").is(201).text()).isEqualTo(first.text());
            assertThat(theirs.post("/api/v1/clusters", body).is(422).pointers()).containsExactly("/name");
            theirs.get("/api/v1/clusters/north").is(200);
            admin.get("/api/v1/clusters/north").is(404);
        }
    }

    @Test
    void reconcilingIsForAdministratorsAndSecurity() {
        engineer.post("/api/v1/clusters/demo/reconciliation", "{}").is(403);
        assertThat(admin.call("POST", "/api/v1/clusters/demo/reconciliation", Optional.empty()).is(202).at("/cluster")).isEqualTo("demo");
        ApiCalls.at(port).as(tokens, home, "security").post("/api/v1/clusters/demo/reconciliation", "{}").is(202);
    }

    @Test
    void livePoliciesSayWhereTheyComeFrom() {
        List<Object> policies = items(engineer.get("/api/v1/clusters/demo/policies").is(200));
        assertThat(policies).isNotEmpty();
        assertThat(policies).allMatch(policy -> Set.of("COUNTERSIGN", "OTHER").contains(((Map<?, ?>) policy).get("provenance")));
    }

    @Test
    void aPolicyIsAdoptedOverTheWire() {
        Map<String, Object> rule = Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/order-service")))),
                "to", List.of(Map.of("operation", Map.of("methods", List.of("GET"), "paths", List.of("/api/v1/refunds/*")))));
        for (String name : List.of("legacy", "closed")) {
            shop.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", name),
                    "spec", Map.of("selector", Map.of("matchLabels", Map.of("app", "payment-service")), "rules", name.equals("legacy") ? List.of(rule) : List.of())));
        }
        dev.countersign.tenancy.CurrentTenant.run(home.tenant().id(), () -> assertThat(sync.syncNow(shop.ref().id())).isEmpty());
        Map<String, Object> body = new LinkedHashMap<>(Map.of("cluster", "demo", "namespace", "production", "policy", "legacy",
                "justification", Map.of("reason", "Refunds have always been read by this policy."), "grantFor", "P90D"));
        ApiCalls.Said proposed = engineer.post("/api/v1/adoptions", body, "Idempotency-Key", "legacy").is(201);
        assertThat(proposed.header("Location")).contains("/api/v1/adoptions/1");
        assertThat(proposed.at("/state")).isEqualTo("OPEN");
        assertThat(proposed.at("/proof/holds")).isEqualTo(true);
        assertThat(proposed.at("/proof/verdict")).isEqualTo("EQUIVALENT");
        long request = ((Number) proposed.at("/rules/0/request")).longValue();
        assertThat(((Number) engineer.get("/api/v1/access-requests/" + request).is(200).at("/adoption")).longValue()).isEqualTo(1);
        assertThat(engineer.post("/api/v1/adoptions", body, "Idempotency-Key", "legacy").is(201).text()).isEqualTo(proposed.text());
        engineer.get("/api/v1/adoptions/1", "If-None-Match", engineer.get("/api/v1/adoptions/1").is(200).header("ETag").orElseThrow()).is(304);
        assertThat(((Number) engineer.post("/api/v1/adoptions", body).is(409).at("/adoption")).longValue()).isEqualTo(1);
        body.put("policy", "closed");
        ApiCalls.Said refused = engineer.post("/api/v1/adoptions", body).is(422);
        assertThat(refused.pointers()).containsExactly("/policy");
        assertThat(refused.text()).contains("It has no rule");
        body.put("policy", "nothing");
        engineer.post("/api/v1/adoptions", body).is(404);
        body.put("grantFor", "P1Y");
        body.put("more", "than is known");
        assertThat(engineer.post("/api/v1/adoptions", body).is(422).pointers()).contains("/grantFor");
        engineer.get("/api/v1/adoptions/2").is(404);
        ApiCalls stranger = ApiCalls.at(port).as(tokens, fixtures.tenant(), "engineer");
        stranger.get("/api/v1/adoptions/1").is(404);
        body.put("grantFor", "P90D");
        body.remove("more");
        body.put("policy", "legacy");
        stranger.post("/api/v1/adoptions", body).is(404);
        ApiCalls.at(port).as(tokens, home, "engineer", dev.countersign.identity.Scope.READ).post("/api/v1/adoptions", body).is(403);
    }

    @Test
    void theRecordIsForThoseWhoMayReadItAndHasNoGaps() {
        engineer.get("/api/v1/audit/entries").is(403);
        ApiCalls auditor = ApiCalls.at(port).as(tokens, home, "auditor");
        List<Object> numbers = new ArrayList<>();
        String next = "/api/v1/audit/entries?limit=5";
        for (int page = 0; next != null && page < 4; page++) {
            ApiCalls.Said said = auditor.get(next).is(200);
            items(said).forEach(entry -> numbers.add(((Map<?, ?>) entry).get("number")));
            next = said.header("Link").map(link -> link.substring(1, link.indexOf('>'))).orElse(null);
        }
        for (int i = 0; i < numbers.size(); i++) {
            assertThat(numbers.get(i)).isEqualTo(i + 1);
        }
        assertThat(((Map<?, ?>) items(auditor.get("/api/v1/audit/entries?after=3&limit=1").is(200)).getFirst()).get("number")).isEqualTo(4);
        auditor.get("/api/v1/audit/entries?after=-1").is(422);
        auditor.get("/api/v1/audit/entries?after=x").is(422);
    }

    @Test
    void theRecordProvesItselfOverTheWire() throws Exception {
        ApiCalls auditor = ApiCalls.at(port).as(tokens, home, "auditor");
        for (int i = 0; i < 100 && auditor.get("/api/v1/audit/checkpoint").status() == 404; i++) {
            Thread.sleep(100);
        }
        ApiCalls.Said checkpoint = engineer.get("/api/v1/audit/checkpoint").is(200);
        long size = ((Number) checkpoint.at("/size")).longValue();
        auditor.get("/api/v1/audit/proofs/inclusion?entry=1&size=" + size).is(200);
        engineer.get("/api/v1/audit/proofs/inclusion?entry=1").is(404);
        engineer.get("/api/v1/audit/proofs/consistency?from=1&to=" + size).is(200);
        engineer.get("/api/v1/audit/proofs/consistency?from=1&to=" + (size + 1_000_000)).is(404);
        engineer.get("/api/v1/audit/proofs/consistency").is(422);
        engineer.get("/api/v1/services/demo/production/payment-service/callers").is(200);
        engineer.get("/api/v1/services/demo/production/no-such/callers").is(404);
        engineer.get("/api/v1/services/demo/production/payment-service/callers?at=yesterday").is(422);
        engineer.get("/api/v1/services/demo/production/payment-service/callers?at=2020-01-01T00:00:00Z").is(200);
    }

    /// Files are not JSON, so they are asked for as a client of files does.
    @Test
    void receiptsAndTheExportVerifyOffline() throws Exception {
        ApiCalls auditor = ApiCalls.at(port).as(tokens, home, "auditor");
        for (int i = 0; i < 100 && auditor.get("/api/v1/audit/checkpoint").status() == 404; i++) {
            Thread.sleep(100);
        }
        String token = dev.countersign.tenancy.CurrentTenant.call(home.tenant().id(), () -> tokens.issue(dev.countersign.audit.Actor.system("test"),
                home.person("auditor"), "files", Set.of(dev.countersign.identity.Scope.READ), java.time.Duration.ofHours(1))).secret();
        var verifier = new dev.countersign.audit.proof.RecordVerifier(List.of(), List.of());
        for (String path : List.of("/api/v1/audit/receipt?entry=1", "/api/v1/audit/export")) {
            assertThat(verifier.verify(new java.io.ByteArrayInputStream(bytes(token, path)))).isInstanceOf(dev.countersign.audit.proof.Verdict.Good.class);
        }
        assertThat(bytes(token, "/api/v1/audit/tile/0/000.p/1")).hasSize(32);
        assertThat(bytes(token, "/api/v1/audit/tile/entries/000.p/2")).hasSize(68);
        assertThat(bytes(token, "/api/v1/audit/tile/0/x001/000")).asString().contains("CS9404");
    }

    private byte[] bytes(String token, String path) throws Exception {
        try (java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient()) {
            return client.send(java.net.http.HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + port + path)).header("Authorization", "Bearer " + token).build(),
                    java.net.http.HttpResponse.BodyHandlers.ofByteArray()).body();
        }
    }

    @Test
    void deliveriesAreStoppedAndReleasedOnce() {
        ApiCalls security = ApiCalls.at(port).as(tokens, home, "security");
        Map<String, Object> body = Map.of("cluster", "demo", "namespace", "staging", "workload", "order-service", "reason", "We look into a leak.");
        engineer.post("/api/v1/delivery-stops", Map.of("cluster", "demo", "reason", "x")).is(403);
        assertThat(security.post("/api/v1/delivery-stops", Map.of("cluster", "demo", "workload", "order-service", "reason", "x")).is(422).pointers()).containsExactly("/namespace");
        security.post("/api/v1/delivery-stops", Map.of("cluster", "demo", "namespace", "staging", "workload", "nobody", "reason", "x")).is(404);
        ApiCalls.Said stop = security.post("/api/v1/delivery-stops", body).is(201);
        assertThat(stop.at("/state")).isEqualTo("HOLDING");
        assertThat(stop.at("/madeAs")).isEqualTo("SECURITY");
        String at = stop.header("Location").orElseThrow();
        assertThat(security.post("/api/v1/delivery-stops", body).is(409).at("/stop")).isEqualTo(stop.at("/number"));
        assertThat(items(engineer.get("/api/v1/delivery-stops?state=HOLDING&cluster=demo").is(200))).hasSize(1);
        assertThat(security.post(at + "/release", "{}").is(422).pointers()).containsExactly("/reason");
        engineer.post(at + "/release", Map.of("reason", "x")).is(403);
        ApiCalls.Said released = security.post(at + "/release", Map.of("reason", "There was none.")).is(200);
        assertThat(released.at("/release/reason")).isEqualTo("There was none.");
        security.post(at + "/release", Map.of("reason", "again")).is(409);
        assertThat(items(engineer.get("/api/v1/delivery-stops?state=HOLDING").is(200))).isEmpty();
        assertThat(engineer.get(at).is(200).at("/state")).isEqualTo("RELEASED");
    }

    @Test
    void aClustersDeliveryIsSwitchedByWhoMayAndNobodysChangeIsLost() {
        String at = "/api/v1/clusters/demo/delivery";
        ApiCalls.Said direct = engineer.get(at).is(200);
        assertThat(direct.at("/mode")).isEqualTo("DIRECT");
        assertThat(direct.at("/repository")).isNull();
        String tag = direct.header("ETag").orElseThrow();
        // Nobody answers there: the setting stands, and the trouble is told.
        Map<String, Object> repository = Map.of("url", "http://127.0.0.1:9/policies.git", "branch", "countersign/demo", "directory", "clusters/demo", "username", "robot", "password", "the-token-of-the-robot");
        Map<String, Object> body = Map.of("mode", "REPOSITORY", "repository", repository);
        engineer.put(at, body, "If-Match", tag).is(403);
        admin.put(at, body).is(428);
        admin.put(at, body, "If-Match", "\"other\"").is(412);
        assertThat(admin.put(at, Map.of("mode", "REPOSITORY"), "If-Match", tag).is(422).pointers()).containsExactly("/repository");
        assertThat(admin.put(at, Map.of("mode", "DIRECT", "repository", repository), "If-Match", tag).is(422).pointers()).containsExactly("/repository");
        assertThat(admin.put(at, Map.of("mode", "REPOSITORY", "repository", Map.of("url", "https://169.254.169.254/r.git", "branch", "a..b")), "If-Match", tag).is(422).pointers())
                .containsExactlyInAnyOrder("/repository/url", "/repository/branch");
        admin.put("/api/v1/clusters/nobody/delivery", body, "If-Match", tag).is(404);
        ApiCalls.Said switched = admin.put(at, body, "If-Match", tag).is(200);
        assertThat(switched.at("/mode")).isEqualTo("REPOSITORY");
        assertThat(switched.at("/repository/passwordKept")).isEqualTo(true);
        assertThat(switched.toString() + engineer.get(at)).doesNotContain("the-token-of-the-robot");
        admin.put(at, body, "If-Match", tag).is(412);
        ApiCalls.Said back = again(() -> admin.put(at, Map.of("mode", "DIRECT"), "If-Match", "*"));
        assertThat(back.at("/mode")).isEqualTo("DIRECT");
    }

    /// A portal that is at the repository at this moment says 409, and means it.
    private static ApiCalls.Said again(java.util.function.Supplier<ApiCalls.Said> call) {
        ApiCalls.Said said = call.get();
        for (int i = 0; i < 200 && said.status() == 409; i++) {
            said = call.get();
        }
        return said.is(200);
    }

    @Test
    void grantsThatAreNotThereAreNotFound() {
        engineer.get("/api/v1/grants/1").is(404);
        assertThat(items(engineer.get("/api/v1/grants?state=ACTIVE&cluster=demo&mine=true").is(200))).isEmpty();
        assertThat(engineer.get("/api/v1/grants?cluster=other").is(422).pointers()).containsExactly("?cluster");
        assertThat(engineer.get("/api/v1/grants?endingWithinDays=0").is(422).pointers()).containsExactly("?endingWithinDays");
        assertThat(engineer.post("/api/v1/grants/1/revocation", "{}").is(422).pointers()).containsExactly("/reason");
        engineer.post("/api/v1/grants/1/revocation", Map.of("reason", "x")).is(404);
    }

    @Test
    void validationSaysTheRuleTheLineAndWhatToDo() {
        String policy = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata:
                  name: empty-source
                  namespace: production
                spec:
                  rules:
                  - from:
                    - source: {}
                """;
        ApiCalls.Said said = engineer.call("POST", "/api/v1/policies/validation", Optional.of(policy), "Content-Type", "application/yaml").is(200);
        assertThat(said.at("/accepted")).isEqualTo(false);
        assertThat(said.at("/objects/0/findings/0/rule")).isEqualTo("A9");
        assertThat(said.at("/objects/0/findings/0/line")).isEqualTo(9);
        String json = "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"AuthorizationPolicy\",\"metadata\":{\"name\":\"a\",\"namespace\":\"b\"},\"spec\":{}}";
        assertThat(engineer.post("/api/v1/policies/validation", json).is(200).at("/accepted")).isEqualTo(true);
        assertThat((String) engineer.call("POST", "/api/v1/policies/validation", Optional.of("a: [\n"), "Content-Type", "application/yaml").is(400).at("/detail")).startsWith("Line ");
    }

    @Test
    void whoSendsTheGuideLearnsWhatIstioRejectsAndGetsEveryCorrectedForm() throws Exception {
        String guide = java.nio.file.Files.readString(java.nio.file.Path.of("src", "test", "resources", "policy", "guide.yaml"));
        ApiCalls.Said said = engineer.call("POST", "/api/v1/policies/validation", Optional.of(guide), "Content-Type", "application/yaml").is(200);
        assertThat(said.at("/accepted")).isEqualTo(false);
        assertThat(said.at("/objects/0/accepted")).isEqualTo(true);
        assertThat(said.at("/objects/1/accepted")).isEqualTo(false);
        assertThat(said.at("/objects/1/findings/0/rule")).isEqualTo("P1");
        assertThat(said.at("/objects/2/accepted")).isEqualTo(true);
        assertThat((String) said.at("/objects/2/findings/0/help")).contains("name: payment-service-policy", "- /api/v1/payments\n", "- /api/v1/refunds\n");
        assertThat((String) said.at("/objects/3/findings/0/help")).contains("name: deny-by-default", "spec: {}");
    }

    @Test
    void aWordThatKubectlReadsOtherwiseIsSaidInTheApiToo() {
        String policy = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: b}\n"
                + "spec: {rules: [{to: [{operation: {methods: [on]}}]}]}\n";
        ApiCalls.Said said = engineer.call("POST", "/api/v1/policies/validation", Optional.of(policy), "Content-Type", "application/yaml").is(200);
        assertThat(said.at("/objects/0/findings/0/code")).isEqualTo("CS1223");
    }

    @Test
    void aSimulationSaysWhyAndWhatWouldHelp() {
        Map<String, Object> call = new LinkedHashMap<>(Map.of("protocol", "http", "mtls", true, "method", "POST", "path", "/api/v1/refunds/1",
                "host", "payment-service", "port", 8080, "headers", Map.of("x-channel", "checkout")));
        Map<String, Object> body = new LinkedHashMap<>(Map.of("cluster", "demo", "from", Map.of("namespace", "production", "serviceAccount", "frontend"),
                "to", Map.of("namespace", "production", "workload", "payment-service"), "call", call));
        assertThat(engineer.post("/api/v1/simulations", body).is(200).at("/decision")).isIn("ALLOW", "DENY");
        body.remove("from");
        assertThat(engineer.post("/api/v1/simulations", body).is(422).pointers()).containsExactly("/call/mtls");
        call.put("mtls", false);
        engineer.post("/api/v1/simulations", body).is(200);
        body.put("to", Map.of("namespace", "production", "workload", "nothing"));
        assertThat(engineer.post("/api/v1/simulations", body).is(422).pointers()).containsExactly("/to");
        body.put("cluster", "other");
        assertThat(engineer.post("/api/v1/simulations", body).is(422).pointers()).containsExactly("/cluster");
        call.put("protocol", "tcp");
        assertThat(engineer.post("/api/v1/simulations", body).is(422).pointers()).contains("/call/method", "/call/path", "/call/host", "/call/headers");
    }

    private static final String CLOSED = """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: closed, namespace: production}
            spec: {}
            """;

    @Test
    void aComparisonSaysTheVerdictWithWitnesses() {
        Map<String, Object> pods = Map.of("namespace", "production", "labels", Map.of("app", "x"));
        Map<String, Object> none = Map.of("policies", List.of());
        Map<String, Object> closed = Map.of("yaml", CLOSED);
        ApiCalls.Said less = engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "after", closed)).is(200);
        assertThat(less.at("/verdict")).isEqualTo("LESS_PERMISSIVE");
        assertThat((List<?>) less.at("/newlyCut")).isNotEmpty();
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", closed, "after", none)).is(200).at("/verdict")).isEqualTo("MORE_PERMISSIVE");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", closed, "after", closed)).is(200).at("/verdict")).isEqualTo("EQUIVALENT");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", closed, "remove", List.of("production/closed"))).is(200).at("/verdict")).isEqualTo("MORE_PERMISSIVE");
        Map<String, Object> workload = Map.of("namespace", "production", "workload", "payment-service");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("cluster", "demo", "to", workload, "change", closed)).is(200).at("/verdict")).isNotNull();
    }

    @Test
    void aComparisonRefusesWhatItCannotCompare() {
        Map<String, Object> pods = Map.of("namespace", "production", "labels", Map.of("app", "x"));
        Map<String, Object> none = Map.of("policies", List.of());
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods)).is(422).pointers()).contains("/before", "/after");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "after", none, "change", none)).is(422).pointers()).containsExactly("/after");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "after", Map.of("yaml", "a: [\n"))).is(422).pointers()).containsExactly("/after/yaml");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "after", Map.of("policies", List.of(Map.of("kind", "Pod"))))).is(422).pointers())
                .containsExactly("/after/policies/0");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "after", Map.of("yaml", CLOSED + "---\n" + CLOSED))).is(422).pointers()).containsExactly("/after");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", pods, "before", none, "remove", List.of("a/b"))).is(422).pointers()).containsExactly("/remove");
        assertThat(engineer.post("/api/v1/comparisons", Map.of("to", Map.of("namespace", "x", "workload", "y"), "before", none, "after", none)).is(422).pointers()).containsExactly("/to");
    }

    private static String closed(String namespace, String app) {
        return """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: of-one, namespace: %s}
                spec: {selector: {matchLabels: {app: %s}}}
                """.formatted(namespace, app);
    }

    private static Map<String, Object> wide(Optional<String> namespace, Map<String, Object> sets) {
        Map<String, Object> body = new LinkedHashMap<>(Map.of("cluster", "demo", "scope", namespace.isPresent() ? "NAMESPACE" : "CLUSTER"));
        namespace.ifPresent(name -> body.put("to", Map.of("namespace", name)));
        body.putAll(sets);
        return body;
    }

    private static List<String> workloads(ApiCalls.Said said) {
        return ((List<?>) said.at("/differences")).stream()
                .flatMap(one -> ((List<?>) ((Map<?, ?>) one).get("workloads")).stream())
                .map(String.class::cast)
                .sorted()
                .toList();
    }

    @Test
    void aComparisonOfANamespaceSaysOneVerdictAndEachWorkloadThatChanges() {
        List<String> all = items(engineer.get("/api/v1/services?limit=100&cluster=demo&namespace=production").is(200)).stream()
                .map(one -> "production/" + ((Map<?, ?>) one).get("name")).sorted().toList();
        Map<String, Object> none = Map.of("policies", List.of());
        ApiCalls.Said closes = engineer.post("/api/v1/comparisons", wide(Optional.of("production"), Map.of("before", none, "after", Map.of("yaml", CLOSED)))).is(200);
        assertThat(closes.at("/verdict")).isEqualTo("LESS_PERMISSIVE");
        assertThat(closes.at("/proven")).isEqualTo(true);
        assertThat(workloads(closes)).hasSizeGreaterThan(2).isEqualTo(all);
        assertThat(closes.at("/newlyCut/0/witness/to")).isEqualTo(closes.at("/differences/0/workloads/0"));

        ApiCalls.Said moves = engineer.post("/api/v1/comparisons", wide(Optional.of("production"), Map.of("before", Map.of("yaml", closed("production", "payment-service")),
                "after", Map.of("yaml", closed("production", "order-service"))))).is(200);
        assertThat(moves.at("/verdict")).isEqualTo("INCOMPARABLE");
        assertThat(workloads(moves)).containsExactly("production/order-service", "production/payment-service");
        assertThat(((List<?>) moves.at("/differences")).stream().map(one -> (String) ((Map<?, ?>) one).get("verdict"))).containsExactlyInAnyOrder("LESS_PERMISSIVE", "MORE_PERMISSIVE");
        assertThat(moves.at("/newlyAllowed/0/witness/to")).isEqualTo("production/payment-service");
        assertThat(moves.at("/newlyCut/0/witness/to")).isEqualTo("production/order-service");
        assertThat(((Number) moves.at("/same")).intValue()).isEqualTo(all.size() - 2);
        assertThat(((Number) moves.at("/leftOut")).intValue()).isZero();
    }

    @Test
    void aComparisonOfAClusterCoversAllNamespacesOfTheTenantAndNoOther() {
        Map<String, Object> none = Map.of("policies", List.of());
        int all = items(engineer.get("/api/v1/services?limit=100&cluster=demo").is(200)).size();
        ApiCalls.Said both = engineer.post("/api/v1/comparisons", wide(Optional.empty(), Map.of("before", none,
                "after", Map.of("yaml", CLOSED + "---\n" + CLOSED.replace("production", "staging"))))).is(200);
        assertThat(both.at("/verdict")).isEqualTo("LESS_PERMISSIVE");
        assertThat(workloads(both)).hasSize(all).anyMatch(name -> name.startsWith("staging/")).anyMatch(name -> name.startsWith("production/"));
        ApiCalls.Said change = engineer.post("/api/v1/comparisons", wide(Optional.empty(), Map.of("change", Map.of("yaml", closed("production", "payment-service"))))).is(200);
        assertThat(workloads(change)).allMatch("production/payment-service"::equals);
        assertThat(((Number) change.at("/same")).intValue() + workloads(change).size()).isEqualTo(all);
    }

    @Test
    void whatAChangeDoesWhereNothingIsComparedIsUncertainAndNotSilent() {
        Map<String, Object> none = Map.of("policies", List.of());
        for (String elsewhere : List.of("staging", "istio-system", "of-somebody-else")) {
            ApiCalls.Said said = engineer.post("/api/v1/comparisons", wide(Optional.of("production"), Map.of("before", none, "after", Map.of("yaml", closed(elsewhere, "no-such"))))).is(200);
            assertThat(said.at("/verdict")).isEqualTo("EQUIVALENT");
            assertThat(said.at("/proven")).isEqualTo(false);
            assertThat((String) said.at("/uncertain/0")).startsWith(elsewhere + "/of-one ");
        }
        ApiCalls.Said untouched = engineer.post("/api/v1/comparisons", wide(Optional.of("production"), Map.of("before", Map.of("yaml", closed("staging", "a")),
                "after", Map.of("yaml", closed("staging", "a"))))).is(200);
        assertThat(untouched.at("/proven")).isEqualTo(true);
    }

    @Test
    void aComparisonOfManyRefusesWhatItCannotCompare() {
        Map<String, Object> sets = Map.of("before", Map.of("policies", List.of()), "after", Map.of("yaml", CLOSED));
        Map<String, Object> body = wide(Optional.of("production"), sets);
        body.put("scope", "MESH");
        assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/scope");
        body.put("scope", "CLUSTER");
        assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/to");
        body.put("scope", "NAMESPACE");
        body.put("to", Map.of("namespace", "production", "workload", "payment-service"));
        assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/to/workload");
        for (String foreign : List.of("istio-system", "nowhere")) {
            body.put("to", Map.of("namespace", foreign));
            assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/to/namespace");
        }
        body.remove("to");
        assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).contains("/to");
        body.put("to", Map.of("namespace", "production"));
        ApiCalls stranger = ApiCalls.at(port).as(tokens, fixtures.tenant(), "engineer");
        assertThat(stranger.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/cluster");
        body.remove("cluster");
        assertThat(engineer.post("/api/v1/comparisons", body).is(422).pointers()).containsExactly("/cluster");
        assertThat(engineer.post("/api/v1/comparisons", wide(Optional.empty(), Map.of("remove", List.of("a/b")))).is(422).pointers()).containsExactly("/remove");
    }

    @Test
    void liveRulesThatDoNothingAreToldWithTheirProof() {
        TestTenant other = fixtures.tenant();
        try (ShopFixture.Shop own = shops.open(other)) {
            ApiCalls theirs = ApiCalls.at(port).as(tokens, other, "engineer");
            Map<String, Object> rule = Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/frontend")))),
                    "to", List.of(Map.of("operation", Map.of("paths", List.of("/admin/keys")))));
            Map<String, Object> denied = Map.of("to", List.of(Map.of("operation", Map.of("paths", List.of("/admin*")))));
            Map<String, Object> payments = Map.of("matchLabels", Map.of("app", "payment-service"));
            own.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", "keys"),
                    "spec", Map.of("selector", payments, "rules", List.of(rule))));
            own.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", "never"),
                    "spec", Map.of("action", "DENY", "rules", List.of(denied))));
            dev.countersign.tenancy.CurrentTenant.run(other.tenant().id(), () -> assertThat(sync.syncNow(own.ref().id())).isEmpty());
            Map<?, ?> shadowed = items(theirs.get("/api/v1/clusters/demo/hygiene?namespace=production").is(200)).stream().map(one -> (Map<?, ?>) one)
                    .filter(one -> "production/keys".equals(one.get("policy")) && "SHADOWED".equals(one.get("flaw"))).findFirst().orElseThrow();
            assertThat(shadowed.get("workloads")).isEqualTo(List.of("production/payment-service"));
            assertThat(shadowed.get("everywhere")).isEqualTo(true);
            assertThat(shadowed.get("coveredBy").toString()).contains("production/never");
            assertThat((String) shadowed.get("proof")).isEqualTo("Of all calls there can be, none that it matches is left over by the rule named.");
            assertThat(theirs.get("/api/v1/clusters/demo/hygiene").is(200).text()).contains("production/keys");
            assertThat(theirs.get("/api/v1/clusters/demo/hygiene?namespace=staging").is(200).text()).doesNotContain("production/keys");
            assertThat(engineer.get("/api/v1/clusters/demo/hygiene").is(200).text()).doesNotContain("production/keys");
            assertThat(theirs.get("/api/v1/clusters/demo/hygiene?namespace=istio-system").is(422).pointers()).containsExactly("?namespace");
            assertThat(theirs.get("/api/v1/clusters/demo/hygiene?workload=x").is(422).pointers()).containsExactly("?workload");
            theirs.get("/api/v1/clusters/other/hygiene").is(404);
        }
    }

    @Test
    void whatAnIdentityReachesIsToldServiceByService() {
        TestTenant other = fixtures.tenant();
        try (ShopFixture.Shop own = shops.open(other)) {
            ApiCalls theirs = ApiCalls.at(port).as(tokens, other, "engineer");
            Map<String, Object> rule = Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/order-service")))),
                    "to", List.of(Map.of("operation", Map.of("methods", List.of("POST"), "paths", List.of("/pay/*")))));
            own.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", "pay"),
                    "spec", Map.of("selector", Map.of("matchLabels", Map.of("app", "payment-service")), "rules", List.of(rule))));
            dev.countersign.tenancy.CurrentTenant.run(other.tenant().id(), () -> assertThat(sync.syncNow(own.ref().id())).isEmpty());
            Map<?, ?> reached = payments(theirs.get("/api/v1/clusters/demo/reach?identity=production/order-service").is(200)).orElseThrow();
            Map<?, ?> calls = (Map<?, ?>) ((List<?>) reached.get("calls")).getFirst();
            assertThat(calls.get("words")).isEqualTo("POST /pay/*");
            assertThat(((Map<?, ?>) calls.get("witness")).get("from")).isEqualTo("production/order-service");
            assertThat(((Map<?, ?>) calls.get("witness")).get("path").toString()).startsWith("/pay/");
            assertThat(payments(theirs.get("/api/v1/clusters/demo/reach?identity=production/billing-service").is(200))).isEmpty();
            assertThat(payments(theirs.get("/api/v1/clusters/demo/reach").is(200))).isEmpty();
            for (String wrong : List.of("order-service", "a/b/c", "production/")) {
                assertThat(theirs.get("/api/v1/clusters/demo/reach?identity=" + wrong).is(422).pointers()).containsExactly("?identity");
            }
            assertThat(theirs.get("/api/v1/clusters/demo/reach?namespace=x").is(422).pointers()).containsExactly("?namespace");
            theirs.get("/api/v1/clusters/other/reach").is(404);
            engineer.get("/api/v1/clusters/demo/reach").is(200);
        }
    }

    private static java.util.Optional<Map<?, ?>> payments(ApiCalls.Said reply) {
        return items(reply).stream().<Map<?, ?>>map(one -> (Map<?, ?>) one).filter(one -> "production/payment-service".equals(one.get("service"))).findFirst();
    }
}
