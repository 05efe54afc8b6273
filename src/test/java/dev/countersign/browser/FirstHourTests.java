package dev.countersign.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// A newcomer's first hour in the demo: ask as the engineer, decide as the owner and as security, read the policy in the
/// cluster and the record. Then every page there is, for accessibility, in both themes and both widths.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FirstHourTests {
    private static final LocatorAssertions.ContainsTextOptions SOON = new LocatorAssertions.ContainsTextOptions().setTimeout(20_000);
    private static final ResourceDefinitionContext POLICIES = new ResourceDefinitionContext.Builder()
            .withGroup("security.istio.io").withVersion("v1").withKind("AuthorizationPolicy").withPlural("authorizationpolicies").withNamespaced(true).build();

    /// W6: what a page may weigh with everything that it needs, compressed, for a browser that has nothing yet.
    private static final long HEAVIEST = 50_000;

    private static Demo demo;
    private static BrowserSession browser;
    /// Styles, scripts and pictures that any page asked for so far, with their compressed sizes.
    private static final Map<String, Long> ASSETS = new LinkedHashMap<>();
    private static final Map<String, Long> DOCUMENTS = new LinkedHashMap<>();
    private static final Set<String> ELSEWHERE = new LinkedHashSet<>();

    @BeforeAll
    static void start() throws Exception {
        Files.createDirectories(Path.of("target", "pages"));
        demo = Demo.start();
        browser = new BrowserSession();
    }

    @AfterAll
    static void stop() {
        browser.close();
        demo.close();
    }

    private static Page as(String name) {
        return as(name, ColorScheme.LIGHT, BrowserSession.WIDE, true);
    }

    private static Page as(String name, ColorScheme theme, int width, boolean script) {
        Page page = browser.open(demo.url(), theme, width, script);
        page.navigate("/");
        assertThat(page.url()).endsWith("/sign-in");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first().click();
        page.waitForURL(Pattern.compile(".*/$"));
        return page;
    }

    private static void ask(Page page, String from, String to, String method, String paths, boolean whole) {
        page.navigate("/requests/new");
        page.getByLabel("From", new Page.GetByLabelOptions().setExact(true)).fill(from);
        page.getByLabel("To", new Page.GetByLabelOptions().setExact(true)).fill(to);
        if (whole) {
            page.locator("#whole").check();
        } else {
            page.getByLabel(method, new Page.GetByLabelOptions().setExact(true)).check();
            page.getByLabel("Paths").fill(paths);
        }
        page.getByLabel("Why", new Page.GetByLabelOptions().setExact(true)).fill("Checkout settles card payments when an order is placed; without it no order can be paid.");
    }

    @Test
    @Order(1)
    void theEngineerAsksAndSeesWhatItOpensAndCuts() {
        Page page = as("Erin Engineer");
        ask(page, "production/order-service", "production/payment-service", "POST", "/api/v1/payments/*", false);
        Locator aside = page.locator("aside");
        assertThat(aside).containsText("POST", SOON);
        assertThat(aside).containsText(Pattern.compile("first ALLOW", Pattern.CASE_INSENSITIVE), SOON);
        assertThat(aside).containsText(Pattern.compile("owner", Pattern.CASE_INSENSITIVE), SOON);
        page.locator("button.primary[value=submit]").click();
        page.waitForURL(Pattern.compile(".*/requests/1$"));
        assertThat(page.locator("h1")).containsText("order-service asks to POST /api/v1/payments/* on payment-service");
        assertThat(page.locator(".effect")).containsText("order-service");
        assertThat(page.locator(".effect [data-kind=cuts]")).isVisible();
        assertThat(page.locator("#stages")).containsText("You asked for this yourself", SOON);
        assertThat(page.locator("#decide")).hasCount(0);
        BrowserSession.shoot(page, Path.of("target", "pages", "request.png"));
    }

    /// Once refused, once without an answer; then it comes.
    @Test
    @Order(2)
    void aPartOfAPageThatWasRefusedForAMomentAsksAgain() {
        try (BrowserSession session = new BrowserSession()) {
            Page page = session.open(demo.url());
            page.navigate("/sign-in");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Erin Engineer")).first().click();
            page.waitForURL(Pattern.compile(".*/$"));
            AtomicInteger stages = new AtomicInteger();
            List<Long> history = new CopyOnWriteArrayList<>();
            page.route("**/requests/1/stages**", route -> {
                switch (stages.incrementAndGet()) {
                    case 1 -> route.fulfill(new Route.FulfillOptions().setStatus(503).setHeaders(Map.of("Retry-After", "1")).setBody("busy"));
                    case 2 -> route.abort();
                    default -> route.resume();
                }
            });
            page.route("**/requests/1/history", route -> {
                history.add(System.nanoTime());
                route.fulfill(new Route.FulfillOptions().setStatus(403).setBody("no"));
            });
            page.navigate("/requests/1");
            assertThat(page.locator("#stages")).containsText("You asked for this yourself", SOON);
            assertThat(stages).hasValueGreaterThanOrEqualTo(3);
            assertThat(history).as("a refusal that is no matter of a moment is one").hasSize(1);
            assertThat(page.locator("#history a")).hasCount(1);
        }
    }

    @Test
    @Order(3)
    void theOwnerDecidesAndThePolicyIsInTheClusterSecondsLater() throws Exception {
        Page page = as("Olga Owner");
        page.navigate("/queue");
        assertThat(page.locator("main")).containsText("order-service asks to POST /api/v1/payments/* on payment-service");
        page.navigate("/requests/1");
        page.locator("#decide textarea").fill("Fine for checkout.");
        page.locator("#decide button[value=APPROVE]").click();
        assertThat(page.locator("#stages")).containsText("Fine for checkout.", SOON);
        page.navigate("/requests/1");
        assertThat(page.locator("#delivery")).containsText("applied", SOON);
        assertThat(page.locator("#history")).containsText("applied production/countersign-payment-service at revision 1", SOON);
        assertThat(principals("production", "countersign-payment-service")).containsExactly("cluster.local/ns/production/sa/order-service");
    }

    @Test
    @Order(4)
    void aWholeServiceCostsTwoOfSecurityToo() throws Exception {
        Page engineer = as("Erin Engineer");
        ask(engineer, "production/billing-service", "production/payment-service", "", "", true);
        engineer.locator("button.primary[value=submit]").click();
        engineer.waitForURL(Pattern.compile(".*/requests/2$"));
        for (String name : List.of("Olga Owner", "Sam Security", "Sofia Security")) {
            Page page = as(name);
            page.navigate("/requests/2");
            page.locator("#decide textarea").fill("Agreed by " + name);
            page.locator("#decide button[value=APPROVE]").click();
            assertThat(page.locator("#stages")).containsText("Agreed by " + name, SOON);
        }
        engineer.navigate("/requests/2");
        assertThat(engineer.locator("#delivery")).containsText("applied", SOON);
        assertThat(principals("production", "countersign-payment-service"))
                .containsExactlyInAnyOrder("cluster.local/ns/production/sa/order-service", "cluster.local/ns/production/sa/billing-service");
    }

    @Test
    @Order(5)
    void theAuditorReadsTheWholeStory() {
        Page page = as("Ada Auditor");
        page.navigate("/audit?subject=request+1");
        assertThat(page.locator("main")).containsText("order-service asks to POST /api/v1/payments/* on payment-service");
        page.navigate("/audit?kind=policy.applied");
        assertThat(page.locator("main")).containsText("applied production/countersign-payment-service at revision 1");
    }

    @Test
    @Order(6)
    void theOtherTenantSeesNothingOfIt() {
        Page page = as("Gina Security");
        assertThat(page.navigate("/requests/1").status()).isEqualTo(404);
        page.navigate("/requests");
        assertThat(page.locator("main")).not().containsText("payment-service");
        page.navigate("/services");
        assertThat(page.locator("main")).not().containsText("order-service");
    }

    /// Without script the same forms do the same.
    @Test
    @Order(7)
    void everythingWorksWithoutScript() throws Exception {
        Page page = as("Erin Engineer", ColorScheme.LIGHT, BrowserSession.WIDE, false);
        ask(page, "production/order-service", "production/user-profile", "GET", "/orders/*", false);
        page.locator("button.button[value=preview]").click();
        assertThat(page.locator("aside")).containsText("GET");
        page.locator("button.primary[value=submit]").click();
        assertThat(page.url()).matches(".*/requests/\\d+$");
        String number = page.url().replaceAll(".*/", "");
        page.navigate("/requests/" + number + "/stages");
        assertThat(page.locator("main")).containsText(Pattern.compile("owner", Pattern.CASE_INSENSITIVE));
        page.navigate("/requests/" + number + "/history");
        assertThat(page.locator("main")).containsText("asks to GET /orders/*");
    }

    /// The same main job by the REST API, with the tokens of the access file.
    @Test
    @Order(8)
    void theApiTellsTheSameStory() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create(demo.url() + "/api/v1/access-requests/1")).header("Authorization", "Bearer " + token("engineer@acme")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"APPROVED\"").contains("\"APPLIED\"");
    }

    /// What somebody once made with kubectl is proposed on the service's page, decided like everything else, and is ours in the end.
    @Test
    @Order(9)
    void anOldPolicyIsAdopted() throws Exception {
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(Files.readString(demo.kubeconfig()))).build()) {
            client.genericKubernetesResources(POLICIES).inNamespace("production").resource(client.getKubernetesSerialization().unmarshal("""
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata: {name: legacy-refunds, namespace: production}
                    spec:
                      selector: {matchLabels: {app: payment-service}}
                      rules:
                      - from: [{source: {principals: [cluster.local/ns/production/sa/order-service]}}]
                        to: [{operation: {methods: [POST], paths: [/api/v1/refunds/*]}}]
                      - from: [{source: {principals: [cluster.local/ns/production/sa/billing-service]}}]
                        to: [{operation: {methods: [GET], paths: [/api/v1/refunds/*]}}]
                    """, GenericKubernetesResource.class)).create();
        }
        Page page = as("Erin Engineer");
        Locator adopt = page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Adopt legacy-refunds"));
        for (int i = 0; i < 20 && adopt.count() == 0; i++) {
            page.navigate("/services/demo/production/payment-service");
            page.waitForTimeout(500);
        }
        BrowserSession.shoot(page, Path.of("target", "pages", "adoption-finding.png"));
        adopt.click();
        assertThat(page.locator("main")).containsText("Nothing changes.", SOON);
        BrowserSession.shoot(page, Path.of("target", "pages", "adoption-new.png"));
        page.getByLabel("Why", new Page.GetByLabelOptions().setExact(true)).fill("Refunds have always gone this way; nobody wrote down who agreed to it.");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Propose")).click();
        page.waitForURL(Pattern.compile(".*/adoptions/1$"));
        assertThat(page.locator("main")).containsText("Nothing opens and nothing is cut.");
        BrowserSession.shoot(page, Path.of("target", "pages", "adoption-open.png"));
        List<String> asked = page.locator("main ul.list a").all().stream().map(link -> link.getAttribute("href")).toList();
        assertThat(asked).hasSize(2);
        Page owner = as("Olga Owner");
        owner.navigate("/queue");
        assertThat(owner.locator("main")).containsText("adoption 1");
        for (String request : asked) {
            owner.navigate(request);
            assertThat(owner.locator("main")).containsText("of the policy production/legacy-refunds in demo");
            BrowserSession.shoot(owner, Path.of("target", "pages", "adoption-request.png"));
            owner.locator("#decide textarea").fill("As it always was.");
            owner.locator("#decide button[value=APPROVE]").click();
            assertThat(owner.locator("#stages")).containsText("As it always was.", SOON);
        }
        for (int i = 0; i < 40 && !page.locator("header .state").textContent().equals("adopted"); i++) {
            page.waitForTimeout(500);
            page.reload();
        }
        assertThat(page.locator("header .state")).hasText("adopted");
        page.navigate("/services/demo/production/payment-service/adoption");
        assertThat(page.locator("main")).not().containsText("legacy-refunds");
    }

    @Test
    @Order(10)
    void noPageHasAnythingThatKeepsSomeoneOut() throws Exception {
        List<String> findings = new ArrayList<>();
        visit("Erin Engineer", List.of("/", "/requests", "/requests/new", "/requests/1", "/requests/2", "/queue", "/grants", "/grants/1", "/services",
                "/services/demo/production/payment-service", "/services/demo/production/user-profile",
                "/services/demo/production/user-profile/adoption", "/services/demo/production/user-profile/adoption/user-profile-frontend", "/adoptions/1", "/clusters", "/clusters/demo", "/clusters/demo/hygiene", "/clusters/demo/reach", "/clusters/demo/policies",
                "/clusters/demo/policies/production/countersign-payment-service", "/services/demo/production/payment-service/callers/then?at=2026-01-01T00:00", "/simulate", "/policies", "/find?q=pay", "/me", "/help", "/requests/1/history", "/requests/1/delivery", "/nothing-here"),
                findings);
        visit("Sam Security", List.of("/queue", "/queue?view=open", "/requests/1", "/audit"), findings);
        visit("Adam Admin", List.of("/admin", "/admin/people", "/admin/people/engineer", "/admin/people/engineer/erasure", "/admin/teams", "/admin/teams/orders", "/admin/tokens", "/admin/rules",
                "/admin/clusters/new", "/admin/ownership", "/admin/settings", "/audit", "/audit/1"), findings);
        Page stranger = browser.open(demo.url());
        weigh(stranger);
        look(stranger, "stranger", "/sign-in", findings);
        stranger.context().close();
        assertThat(findings).isEmpty();
        assertThat(browser.complaints().stream().filter(line -> !line.contains("404")).toList()).isEmpty();
    }

    @Test
    @Order(11)
    void noPageWeighsMuchNorAsksElsewhere() {
        long assets = ASSETS.values().stream().mapToLong(Long::longValue).sum();
        var heaviest = DOCUMENTS.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        System.out.println("W6 weight: " + ASSETS.size() + " assets " + assets + " bytes, heaviest of " + DOCUMENTS.size() + " pages " + heaviest.getKey() + " with " + heaviest.getValue());
        assertThat(ASSETS).hasSizeGreaterThan(10);
        assertThat(DOCUMENTS).hasSizeGreaterThan(40).allSatisfy((path, bytes) -> assertThat(bytes + assets).as(path).isBetween(assets + 1, HEAVIEST));
        assertThat(ELSEWHERE).isEmpty();
    }

    private static void visit(String name, List<String> paths, List<String> findings) {
        Page page = as(name);
        weigh(page);
        paths.forEach(path -> look(page, name, path, findings));
        page.context().close();
    }

    private static void weigh(Page page) {
        page.onRequest(request -> {
            if (!request.url().startsWith(demo.url() + "/")) {
                ELSEWHERE.add(request.url());
            }
        });
        page.onRequestFinished(request -> {
            if (request.url().contains("/assets/") && request.sizes().responseBodySize > 0) {
                ASSETS.merge(request.url(), (long) request.sizes().responseBodySize, Math::max);
            }
        });
    }

    private static void look(Page page, String name, String path, List<String> findings) {
        var answer = page.navigate(path);
        if (answer.status() >= 400 && !path.equals("/nothing-here")) {
            findings.add(path + " as " + name + ": " + answer.status());
            return;
        }
        page.waitForLoadState(com.microsoft.playwright.options.LoadState.LOAD);
        page.waitForTimeout(150);
        DOCUMENTS.merge(path, (long) answer.request().sizes().responseBodySize, Math::max);
        findings.addAll(BrowserSession.look(page, "pages", (name.split(" ")[0] + path.replaceAll("[^a-z0-9]+", "-")).toLowerCase(java.util.Locale.ROOT)));
    }

    private static String token(String username) {
        for (var person : demo.access().get("people")) {
            if (person.get("username").asString().equals(username)) {
                return person.get("token").asString();
            }
        }
        throw new IllegalStateException("no " + username);
    }

    @SuppressWarnings("unchecked")
    private static List<String> principals(String namespace, String name) throws Exception {
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(Files.readString(demo.kubeconfig()))).build()) {
            GenericKubernetesResource policy = client.genericKubernetesResources(POLICIES).inNamespace(namespace).withName(name).get();
            assertThat(policy).as(namespace + "/" + name).isNotNull();
            List<Map<String, Object>> rules = policy.get("spec", "rules");
            return rules.stream()
                    .flatMap(rule -> ((List<Map<String, Object>>) rule.get("from")).stream())
                    .flatMap(from -> ((List<String>) ((Map<String, Object>) from.get("source")).get("principals")).stream())
                    .toList();
        }
    }
}
