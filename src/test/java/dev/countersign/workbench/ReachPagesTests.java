package dev.countersign.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// Who reaches whom in a cluster, as a person reads of it.
@PortalTest
class ReachPagesTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    MockMvc mvc;

    private TestTenant tenant;
    private ShopCatalog.Shop shop;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        shop = catalog.open(tenant);
    }

    private void live(String namespace, String name, String spec) {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n";
        shop.live(((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow());
    }

    private void closed(String app, String rules) {
        live("production", app, "{selector: {matchLabels: {app: " + app + "}}, rules: [" + rules + "]}");
    }

    private MockHttpServletResponse page(String path) throws Exception {
        return mvc.perform(get(path).with(fixtures.as(tenant, "engineer"))).andReturn().getResponse();
    }

    private String text(String path) throws Exception {
        MockHttpServletResponse response = page(path);
        assertThat(response.getStatus()).isEqualTo(200);
        return response.getContentAsString().replaceAll("(?s)^.*<main", "<main").replaceAll("<[^>]+>", "").replace("&#39;", "'").replaceAll("\\s+", " ");
    }

    @Test
    void eachIdentityIsToldWithWhatItReachesTheFarthestFirst() throws Exception {
        live("production", "nobody", "{}");
        live("staging", "nobody", "{}");
        closed("payment-service", "{from: [{source: {principals: [cluster.local/ns/production/sa/order-service]}}], to: [{operation: {methods: [POST], paths: [/pay/*]}}]}, "
                + "{from: [{source: {principals: [cluster.local/ns/elsewhere/sa/auditor]}}]}");
        closed("user-profile", "{from: [{source: {principals: [cluster.local/ns/production/sa/order-service]}}]}");
        closed("frontend", "{to: [{operation: {methods: [GET], paths: [/health]}}]}");
        String all = text("/clusters/demo/reach");
        assertThat(all).containsSubsequence("What each identity can call among 6 services",
                "Anyone, without an identity", "1 of 6 services can be called by anyone.", "production/frontend may GET /health",
                "By identity 8", "order-service production reaches 3 of 6 services", "production/payment-service may POST /pay/*", "production/user-profile may",
                "auditor elsewhere reaches 2 of 6 services", "What auditor of elsewhere may do that not everyone may", "billing-service production reaches 1 of 6 services, as anyone does",
                "Without a proxy", "Everyone reaches these, whatever policies say.", "staging/legacy");
        assertThat(text("/clusters/demo/reach?namespace=staging")).contains("By identity 2", "legacy staging reaches 1 of 6 services, as anyone does").doesNotContain("auditor", "billing-service");
    }

    @Test
    void whereNobodyIsLetInThatIsSaid() throws Exception {
        live("production", "nobody", "{}");
        live("staging", "nobody", "{}");
        assertThat(text("/clusters/demo/reach")).contains("Nobody without an identity reaches anything here.", "order-service production reaches nothing").doesNotContain("Not decided");
    }

    @Test
    void whatAnExternalAuthorizerDecidesIsUncertain() throws Exception {
        live("production", "asked", "{action: CUSTOM, provider: {name: opa}, selector: {matchLabels: {app: frontend}}, rules: [{to: [{operation: {paths: [/admin/*]}}]}]}");
        assertThat(text("/clusters/demo/reach")).contains("may perhaps").containsPattern("production/frontend .*may perhaps [^.]*/admin/\\*");
    }

    @Test
    void whatIsNotOfTheTenantDoesNotExist() throws Exception {
        assertThat(page("/clusters/west/reach").getStatus()).isEqualTo(404);
        assertThat(page("/clusters/demo/reach?namespace=istio-system").getStatus()).isEqualTo(404);
        TestTenant other = fixtures.tenant();
        assertThat(mvc.perform(get("/clusters/demo/reach").with(fixtures.as(other, "engineer"))).andReturn().getResponse().getStatus()).isEqualTo(404);
    }
}
