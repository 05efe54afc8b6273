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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// Rules that do nothing, or too much, as a person reads of them.
@PortalTest
class HygienePagesTests {
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

    private LivePolicy live(String namespace, String name, String spec, String metadata) {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + metadata + "}\nspec: " + spec + "\n";
        AuthorizationPolicy policy = ((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow();
        return new LivePolicy(shop.demo().id(), namespace, name, name, "1", PolicyWriter.tree(policy), Optional.of(policy), Optional.empty(), List.of("kubectl"));
    }

    private static String rule(String app, String source, String path) {
        return "{selector: {matchLabels: {app: " + app + "}}, rules: [{" + (source.isEmpty() ? "" : "from: [{source: {principals: [" + source + "]}}], ")
                + "to: [{operation: {methods: [GET], paths: [" + path + "]}}]}]}";
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
    void eachFlawIsToldWithItsProofAndWhoseWordItIs() throws Exception {
        List.of(
                live("production", "open", rule("user-profile", "", "/health"), ""),
                live("production", "wide", rule("order-service", "cluster.local/ns/production/sa/frontend", "/orders/*"), ""),
                live("production", "within", rule("order-service", "cluster.local/ns/production/sa/frontend", "/orders/7"), ""),
                live("staging", "keys", rule("order-service", "cluster.local/ns/staging/sa/legacy", "/admin/keys"), ""),
                live("staging", "never", "{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}", "")).forEach(shop::policies);
        String all = text("/clusters/demo/hygiene");
        assertThat(all).containsSubsequence(
                "Judged among all rules at 7 of 7 services",
                "Lets in callers whom nobody named 1", "rule 0 of production/open nobody's word · made by kubectl", "The call named as witness passes by it. GET /health :", "At production/user-profile",
                "Denied before it is asked 1", "rule 0 of staging/keys", "Delete it, or narrow the denial.", "staging/never, rule 0", "At staging/order-service",
                "Says what others say 1", "rule 0 of production/within", "Delete one of them.", "production/wide, rule 0", "At production/order-service");
        assertThat(all).doesNotContain("Matches nothing", "Not judged");
        assertThat(text("/clusters/demo/hygiene?namespace=staging")).contains("staging/keys", "at 2 of 2 services").doesNotContain("production/");
    }

    @Test
    void rulesThatAllDoSomethingAreSaidToDoSo() throws Exception {
        shop.policies(live("production", "one", rule("order-service", "cluster.local/ns/production/sa/frontend", "/orders/*"), ""));
        assertThat(text("/clusters/demo/hygiene")).contains("Nothing to mend. At 7 services every rule does what no other does");
    }

    @Test
    void whatCannotBeReadIsNotPassedOver() throws Exception {
        shop.policies(new LivePolicy(shop.demo().id(), "production", "odd", "odd", "1", Map.of(), Optional.empty(), Optional.of("spec.rules is a number"), List.of()));
        assertThat(text("/clusters/demo/hygiene")).contains("Nothing found so far.", "Not judged", "The policy production/odd cannot be read").doesNotContain("Nothing to mend");
    }

    @Test
    void whatIsNotOfTheTenantDoesNotExist() throws Exception {
        assertThat(page("/clusters/west/hygiene").getStatus()).isEqualTo(404);
        assertThat(page("/clusters/demo/hygiene?namespace=istio-system").getStatus()).isEqualTo(404);
        TestTenant other = fixtures.tenant();
        assertThat(mvc.perform(get("/clusters/demo/hygiene").with(fixtures.as(other, "engineer"))).andReturn().getResponse().getStatus()).isEqualTo(404);
    }
}
