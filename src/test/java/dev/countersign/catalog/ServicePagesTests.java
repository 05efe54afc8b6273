package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// The pages of services and clusters, as people of the tenant and of another see them.
@PortalTest
class ServicePagesTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    MockMvc mvc;

    private ShopFixture.Shop shop;

    @BeforeEach
    void open() {
        shop = shops.open(fixtures.tenant());
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private String page(String who, MockHttpServletRequestBuilder request) throws Exception {
        return mvc.perform(request.with(fixtures.as(shop.tenant(), who))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
    }

    @Test
    void theListShowsTheInventoryAndFindsInIt() throws Exception {
        assertThat(page("engineer", get("/services"))).contains("payment-service").contains("team Payments").contains("not in the mesh");
        assertThat(page("engineer", get("/services").param("q", "paymnt prod"))).contains("payment-service").doesNotContain("billing-service");
        assertThat(page("engineer", get("/services").param("q", "bill").header("HX-Request", "true"))).contains("id=\"rows\"").doesNotContain("<html");
        assertThat(page("engineer", get("/services").param("namespace", "staging"))).contains("staging").doesNotContain("legacy-batch");
    }

    @Test
    void aServiceSaysWhoMayCallItAndByWhoseWord() throws Exception {
        assertThat(page("engineer", get("/services/demo/production/user-profile")))
                .contains("user-profile-frontend").contains("production/frontend: GET /profiles/*").contains("made by kubectl").contains("PERMISSIVE");
        assertThat(page("engineer", get("/services/demo/production/legacy-batch"))).contains("policies enforce nothing there");
        assertThat(page("engineer", get("/services/demo/production/order-service"))).contains("No policy concerns it");
        mvc.perform(get("/services/demo/production/nothing").with(fixtures.as(shop.tenant(), "engineer"))).andExpect(status().isNotFound());
    }

    @Test
    void theTypeaheadAnswersOptionsAndWithoutScriptTheList() throws Exception {
        assertThat(page("engineer", get("/services/options").param("q", "paymnt").param("id", "to").header("HX-Request", "true")))
                .contains("data-value=\"demo/production/payment-service\"").contains("id=\"to-option-0\"").doesNotContain("<html");
        mvc.perform(get("/services/options").param("q", "a&b").with(fixtures.as(shop.tenant(), "engineer"))).andExpect(redirectedUrl("/services?q=a%26b"));
    }

    @Test
    void theClusterIsShownWithItsStateAndItsNamespaces() throws Exception {
        assertThat(page("engineer", get("/clusters"))).contains("demo").contains("production and staging");
        assertThat(page("engineer", get("/clusters/demo"))).contains("answers").contains("cluster.local").doesNotContain(shop.cluster().token("portal"));
    }

    @Test
    void anotherTenantSeesNoneOfIt() throws Exception {
        var stranger = fixtures.as(fixtures.tenant(), "admin");
        for (String path : new String[] {"/clusters/demo", "/services/demo/production/payment-service", "/admin/clusters/demo/edit", "/admin/clusters/demo/retirement"}) {
            mvc.perform(get(path).with(stranger)).andExpect(status().isNotFound());
        }
        assertThat(mvc.perform(get("/services").with(stranger)).andReturn().getResponse().getContentAsString()).contains("No services yet");
    }

    @Test
    void onlyAdministratorsChangeClustersAndOwnership() throws Exception {
        for (String path : new String[] {"/admin/clusters/new", "/admin/clusters/demo/edit", "/admin/ownership"}) {
            mvc.perform(get(path).with(fixtures.as(shop.tenant(), "engineer"))).andExpect(status().isForbidden());
            mvc.perform(get(path).with(fixtures.as(shop.tenant(), "admin"))).andExpect(status().isOk());
        }
        mvc.perform(post("/admin/clusters/demo/retirement").with(csrf()).with(fixtures.as(shop.tenant(), "security"))).andExpect(status().isForbidden());
    }

    @Test
    void aRefusedRegistrationKeepsWhatWasTypedButNotTheKubeconfig() throws Exception {
        String answer = mvc.perform(post("/admin/clusters").with(csrf()).with(fixtures.as(shop.tenant(), "admin"))
                        .param("name", "west").param("namespaces", "production").param("trustDomain", "cluster.local").param("rootNamespace", "istio-system")
                        .param("kubeconfig", "apiVersion: v1\nkind: Config\nclusters: []\nusers: [{name: a, user: {exec: {command: id}, token: canary-token}}]\ncontexts: []"))
                .andExpect(status().isUnprocessableContent()).andReturn().getResponse().getContentAsString();
        assertThat(answer).contains("value=\"west\"").contains("users.user.exec").contains("never runs a program").doesNotContain("canary-token");
    }

    @Test
    void anAdministratorRegistersChangesAndRetires() throws Exception {
        var admin = fixtures.as(shop.tenant(), "admin");
        mvc.perform(post("/admin/clusters/demo/namespaces").with(csrf()).with(admin).param("namespaces", "production")).andExpect(redirectedUrl("/clusters/demo"));
        mvc.perform(post("/admin/clusters").with(csrf()).with(admin).param("name", "west").param("namespaces", "staging")
                        .param("trustDomain", "cluster.local").param("rootNamespace", "istio-system").param("kubeconfig", shop.cluster().kubeconfig("portal")))
                .andExpect(redirectedUrl("/clusters/west"));
        mvc.perform(post("/admin/clusters/west/retirement").with(csrf()).with(admin).param("reason", "moved")).andExpect(redirectedUrl("/clusters"));
        assertThat(page("engineer", get("/clusters/west"))).contains("moved");
    }

    @Test
    void ownershipIsSaidAndTakenAway() throws Exception {
        var admin = fixtures.as(shop.tenant(), "admin");
        String payments = shop.tenant().team("payments").toString();
        mvc.perform(post("/admin/ownership").with(csrf()).with(admin).param("service", "demo/staging/order-service").param("team", payments))
                .andExpect(redirectedUrl("/admin/ownership"));
        assertThat(page("admin", get("/admin/ownership"))).contains("order-service");
        assertThat(page("engineer", get("/services/demo/staging/order-service"))).contains("team Payments");
        mvc.perform(post("/admin/ownership/removal").with(csrf()).with(admin).param("cluster", shop.ref().id().toString()).param("namespace", "staging")
                        .param("workload", "order-service"))
                .andExpect(redirectedUrl("/admin/ownership"));
        assertThat(page("engineer", get("/services/demo/staging/order-service"))).contains("Nobody owns it");
        mvc.perform(post("/admin/ownership").with(csrf()).with(admin).param("service", "demo/foreign/x").param("team", payments))
                .andExpect(status().isUnprocessableContent());
    }
}
