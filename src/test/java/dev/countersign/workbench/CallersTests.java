package dev.countersign.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.requests.Draft;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// Who may call a service, and by whose word.
@PortalTest
class CallersTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    RequestDesk desk;

    @Autowired
    MockMvc mvc;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private ShopCatalog.Shop shop;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        shop = catalog.open(tenant);
    }

    @Test
    void aPolicyThatCannotBeWrittenAnewIsSaidToBeOld() throws Exception {
        assertThat(page("/services/demo/production/payment-service/callers").getContentAsString()).doesNotContain("What is live is older");
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into compile_refusal (tenant_id, cluster_id, workload, message) values (?, ?, ?, ?)")
                .params(tenant.tenant().id().value(), shop.demo().id(), "production/payment-service", "Its rules are <too> long.").update());
        assertThat(page("/services/demo/production/payment-service/callers").getContentAsString()).contains("What is live is older than what is granted", "Its rules are &lt;too&gt; long.");
        assertThat(page("/services/demo/production/order-service/callers").getContentAsString()).doesNotContain("What is live is older");
    }

    private void live(String name, String metadata, List<String> managers) {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: production" + metadata
                + "}\nspec: {selector: {matchLabels: {app: payment-service}}, rules: [{from: [{source: {principals: "
                + "[cluster.local/ns/production/sa/order-service]}}], to: [{operation: {methods: [POST], paths: [/pay]}}]}]}\n";
        AuthorizationPolicy policy =
                ((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow();
        shop.policies(new LivePolicy(shop.demo().id(), "production", name, name, "1", PolicyWriter.tree(policy), Optional.of(policy),
                Optional.empty(), managers));
    }

    private static String ours(String requests) {
        return ", labels: {app.kubernetes.io/managed-by: countersign}, annotations: {countersign.dev/requests: \"" + requests + "\"}";
    }

    private long submitted() {
        Map<String, Object> body = Map.of(
                "ask", Map.of("kind", "ServiceAccess", "clusters", List.of("demo"),
                        "from", List.of(Map.of("namespace", "production", "serviceAccount", "order-service")),
                        "to", Map.of("namespace", "production", "workload", "payment-service"),
                        "operations", List.of(Map.of("methods", List.of("POST"), "paths", List.of("/pay")))),
                "justification", Map.of("reason", "Checkout settles card payments when an order is placed."),
                "grantFor", "P90D");
        Draft draft = ((DraftReader.Reading.Read) DraftReader.read(body)).draft();
        return CurrentTenant.call(tenant.tenant().id(), () ->
                ((Submission.Submitted) desk.submit(fixtures.current(tenant, "engineer"), draft)).number());
    }

    private MockHttpServletResponse page(String path) throws Exception {
        return mvc.perform(get(path).with(fixtures.as(tenant, "engineer"))).andReturn().getResponse();
    }

    private static String text(MockHttpServletResponse response) throws Exception {
        return response.getContentAsString().replaceAll("<[^>]+>", "").replace("&#39;", "'").replaceAll("\\s+", " ");
    }

    private String callers() throws Exception {
        return text(page("/services/demo/production/payment-service/callers"));
    }

    @Test
    void eachCallerStandsWithItsRuleAndTheRequestBehindIt() throws Exception {
        long number = submitted();
        live("payment-service", ours(number + ",999"), List.of("countersign"));

        MockHttpServletResponse page = page("/services/demo/production/payment-service/callers");
        assertThat(text(page))
                .contains("production/payment-service by the word of request " + number + " · written by Countersign")
                .contains("order-service may POST /pay").contains("rule 0")
                .doesNotContain("request 999").doesNotContain("nobody's word");
        assertThat(page.getContentAsString()).contains("href=\"/requests/" + number + "\"");
    }

    @Test
    void aHandMadePolicyIsNobodysWord() throws Exception {
        live("by-hand", "", List.of("kubectl"));

        assertThat(callers())
                .contains("1 policy lets callers in by nobody's word.")
                .contains("production/by-hand nobody's word · made by kubectl");
    }

    @Test
    void ourLabelOnAForeignHandsPolicyIsOnlyAClaim() throws Exception {
        long number = submitted();
        live("forged", ours(Long.toString(number)), List.of("kubectl-edit"));

        assertThat(callers()).contains("production/forged nobody's word · made by kubectl-edit").doesNotContain("request " + number);
    }

    @Test
    void withoutAnAllowEveryoneMayCall() throws Exception {
        assertThat(callers()).contains("No ALLOW policy stands before it:");
    }

    @Test
    void aRuleThatLetsNobodyInLeavesNobody() throws Exception {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: none, namespace: production}\nspec: {}\n";
        shop.live(((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow());

        assertThat(callers()).contains("Nobody. No rule lets anyone in.");
    }

    @Test
    void whomAServiceMayCallIsToldToo() throws Exception {
        live("by-hand", "", List.of("kubectl"));

        assertThat(text(page("/services/demo/production/order-service/callees")))
                .contains("production/payment-service")
                .contains("may POST /pay")
                .contains("services that everyone may call");
        assertThat(text(page("/services/demo/production/frontend/callees"))).doesNotContain("production/payment-service");
    }

    @Test
    void anUnknownServiceIsNotFound() throws Exception {
        assertThat(page("/services/demo/production/nothing/callers").getStatus()).isEqualTo(404);
        assertThat(page("/services/west/production/payment-service/callees").getStatus()).isEqualTo(404);
    }

    @Test
    void htmxGetsThePartAlone() throws Exception {
        String part = mvc.perform(get("/services/demo/production/payment-service/callers").header("HX-Request", "true")
                .with(fixtures.as(tenant, "engineer"))).andReturn().getResponse().getContentAsString();

        assertThat(part).contains("id=\"callers\"").doesNotContain("<html");
    }
}
