package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/// The pages without script: every flow is a link, a form and a redirect.
@PortalTest
class AskPageTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    MockMvc mvc;

    @Autowired
    Tenants tenants;

    @Autowired
    RequestDesk desk;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private ShopCatalog.Shop shop;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        shop = catalog.open(tenant);
    }

    private static MultiValueMap<String, String> form() {
        MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
        form.add("from-0", "production/order-service");
        form.add("to", "payment-service");
        form.add("methods-0", "GET");
        form.add("methods-0", "POST");
        form.add("paths-0", "/api/v1/payments/*");
        form.add("reason", "Checkout settles card payments when an order is placed.");
        form.add("ticket", "PAY-1432");
        form.add("period", "P90D");
        form.add("key", UUID.randomUUID().toString());
        form.add("do", "submit");
        return form;
    }

    private MockHttpServletResponse send(MockHttpServletRequestBuilder request, String who) throws Exception {
        return mvc.perform(request.with(fixtures.as(tenant, who)).accept(MediaType.TEXT_HTML)).andReturn().getResponse();
    }

    private MockHttpServletResponse send(String path, MultiValueMap<String, String> form) throws Exception {
        return send(post(path).with(csrf()).params(form), "engineer");
    }

    private static String text(MockHttpServletResponse response) throws Exception {
        return response.getContentAsString().replaceAll("<[^>]*>", "").replace("&#39;", "'").replaceAll("\\s+", " ");
    }

    private RequestView stored(long number) {
        return tenants.inTenant(tenant.tenant().id(), () -> desk.find(number)).orElseThrow();
    }

    @Test
    void theEmptyFormSaysWhatToDoAndAccusesNobody() throws Exception {
        MockHttpServletResponse page = send(get("/requests/new"), "engineer");
        assertThat(page.getStatus()).isEqualTo(200);
        assertThat(text(page)).contains("Ask for access", "Name two services").doesNotContain("Cannot be submitted");
        assertThat(page.getContentAsString()).doesNotContain("aria-invalid=\"true\"");
    }

    @Test
    void aLinkFillsTheFormAndForeseesAtOnce() throws Exception {
        MockHttpServletResponse page = send(get("/requests/new")
                .param("from", "demo/production/order-service").param("to", "demo/production/payment-service").param("method", "POST")
                .param("path", "/api/v1/payments/*"), "engineer");
        assertThat(page.getContentAsString()).contains("value=\"demo/production/order-service\"", "value=\"demo/production/payment-service\"");
        assertThat(page.getContentAsString()).doesNotContain("aria-invalid=\"true\"");
    }

    @Test
    void submittingLeadsToTheRequest() throws Exception {
        MockHttpServletResponse sent = send("/requests", form());
        assertThat(sent.getStatus()).isEqualTo(303);
        assertThat(sent.getRedirectedUrl()).isEqualTo("/requests/1");
        assertThat(stored(1).ask()).isEqualTo(Asks.body().ask());
        MockHttpServletResponse page = send(get("/requests/1"), "owner");
        assertThat(page.getStatus()).isEqualTo(200);
        assertThat(text(page)).contains("order-service asks to GET or POST /api/v1/payments/* on payment-service for 90 days",
                "Checkout settles card payments", "PAY-1432", "This is the first ALLOW policy", "apiVersion: security.istio.io/v1")
                .doesNotContain("Withdraw this request");
        assertThat(text(send(get("/requests/1"), "engineer"))).contains("Withdraw this request", "Change it");
    }

    @Test
    void aSecondClickLeadsToTheSameRequest() throws Exception {
        MultiValueMap<String, String> form = form();
        assertThat(send("/requests", form).getRedirectedUrl()).isEqualTo("/requests/1");
        assertThat(send("/requests", form).getRedirectedUrl()).isEqualTo("/requests/1");
    }

    @Test
    void whatIsWrongIsSaidAtItsFieldAndNothingTypedIsLost() throws Exception {
        MultiValueMap<String, String> form = form();
        form.set("to", "production/nothing");
        form.set("reason", "Too <b>short</b>");
        form.set("paths-0", "payments and refunds?");
        MockHttpServletResponse page = send("/requests", form);
        assertThat(page.getStatus()).isEqualTo(422);
        assertThat(page.getContentAsString()).contains("production/nothing", "Too &lt;b&gt;short&lt;/b&gt;", "payments and refunds?", "id=\"paths-0-error\"")
                .containsPattern("id=\"paths-0\"[^>]*aria-invalid=\"true\"");
        form.set("paths-0", "/api/v1/payments/*");
        assertThat(send("/requests", form).getContentAsString()).containsPattern("id=\"to\"[^>]*aria-invalid=\"true\"")
                .containsPattern("id=\"reason\"[^>]*aria-invalid=\"true\"").contains("There is no workload nothing");
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> desk.list(RequestFilter.ALL, Optional.empty(), 1)).requests()).isEmpty();
    }

    @Test
    void theButtonsThatAddRowsKeepEverything() throws Exception {
        MultiValueMap<String, String> form = form();
        form.set("do", "add-source");
        assertThat(send("/requests", form).getContentAsString()).contains("name=\"from-1\"", "production/order-service", "PAY-1432");
        form.set("do", "add-operation");
        assertThat(send("/requests", form).getContentAsString()).contains("name=\"paths-1\"");
        form.set("do", "add-condition");
        assertThat(send("/requests", form).getContentAsString()).contains("name=\"condition-0\"");
        form.set("do", "add-collection");
        assertThat(send("/requests", form).getContentAsString()).contains("/api/v1/payments\n/api/v1/payments/*");
        form.set("do", "preview");
        MockHttpServletResponse preview = send("/requests", form);
        assertThat(preview.getStatus()).isEqualTo(200);
        assertThat(text(preview)).contains("In one sentence", "lose access").doesNotContain("Not complete yet");
    }

    @Test
    void severalCallersCallsAndConditionsRoundTrip() throws Exception {
        MultiValueMap<String, String> form = form();
        form.set("from-1", "");
        form.set("from-2", "staging/*");
        form.set("paths-1", "/refunds/{*}\n/refunds");
        form.set("ports-1", "8080");
        form.set("condition-0", "request.headers[x-channel]");
        form.set("values-0", "checkout\nweb, mobile");
        form.set("period", "permanent");
        assertThat(send("/requests", form).getRedirectedUrl()).isEqualTo("/requests/1");
        ServiceAccess ask = (ServiceAccess) stored(1).ask();
        assertThat(ask.from()).containsExactly(new AskSource.Account("production", "order-service"), new AskSource.WholeNamespace("staging"));
        assertThat(ask.operations().get(1).paths()).containsExactly("/refunds", "/refunds/{*}");
        assertThat(ask.conditions().getFirst().values().any()).containsExactly("checkout", "web, mobile");
        assertThat(stored(1).period().permanent()).isTrue();

        MockHttpServletResponse edit = send(get("/requests/1/edit"), "engineer");
        assertThat(edit.getContentAsString()).contains("production/sa/order-service", "staging/*", "/refunds/{*}", "request.headers[x-channel]");
        form.set("from-0", "production/sa/order-service");
        form.set("version", "1");
        form.set("period", "P30D");
        assertThat(send("/requests/1/edit", form).getStatus()).isEqualTo(303);
        assertThat(stored(1).version()).isEqualTo(2);
        assertThat(((ServiceAccess) stored(1).ask()).from()).isEqualTo(ask.from());
        assertThat(send("/requests/1/edit", form).getStatus()).as("version 1 is no longer the present one").isEqualTo(409);
    }

    @Test
    void anAmbiguousNameIsAskedBack() throws Exception {
        MultiValueMap<String, String> form = form();
        form.set("from-0", "order-service");
        MockHttpServletResponse page = send("/requests", form);
        assertThat(page.getStatus()).isEqualTo(422);
        assertThat(text(page)).contains("There are several: production/order-service, staging/order-service. Say which.");
    }

    @Test
    void liveItIsOnlyThePartBeside() throws Exception {
        MockHttpServletResponse part = send(post("/requests/preview").with(csrf()).params(form()).header("HX-Request", "true"), "engineer");
        assertThat(part.getStatus()).isEqualTo(200);
        assertThat(part.getContentAsString()).contains("id=\"foresight\"").doesNotContain("<html", "<form");
        MultiValueMap<String, String> half = form();
        half.set("to", "");
        assertThat(text(send(post("/requests/preview").with(csrf()).params(half).header("HX-Request", "true"), "engineer"))).contains("Not complete yet");
    }

    @Test
    void nothingCanBeSetThatTheFormDoesNotHave() throws Exception {
        MultiValueMap<String, String> form = form();
        for (String field : List.of("tenantId", "tenant_id", "state", "number", "digest", "requesterId", "requester", "requester.id", "approvedBy", "role",
                "id", "submittedAt", "lapsesAt", "rowVersion", "places", "form.version", "ask.kind", "class.module.classLoader", "beneficiaries")) {
            form.add(field, UUID.randomUUID().toString());
        }
        form.set("version", "7");
        assertThat(send("/requests", form).getStatus()).isEqualTo(303);
        RequestView view = stored(1);
        assertThat(view.state()).isEqualTo(RequestState.SUBMITTED);
        assertThat(view.version()).isEqualTo(1);
        assertThat(view.requester().id()).isEqualTo(tenant.person("engineer"));
    }

    @Test
    void someoneElsesRequestIsNotChangedAndAnUnknownOneIsNotFound() throws Exception {
        send("/requests", form());
        assertThat(send(get("/requests/1/edit"), "owner").getStatus()).isEqualTo(403);
        assertThat(send(post("/requests/1/withdrawal").with(csrf()), "owner").getStatus()).isEqualTo(403);
        assertThat(send(get("/requests/999"), "engineer").getStatus()).isEqualTo(404);
        assertThat(send(get("/requests/999999999999999999999"), "engineer").getStatus()).isEqualTo(404);
        assertThat(send(post("/requests/1/withdrawal").with(csrf()).param("words", "done"), "engineer").getStatus()).isEqualTo(303);
        assertThat(send(post("/requests/1/withdrawal").with(csrf()), "engineer").getStatus()).isEqualTo(409);
        assertThat(text(send(get("/requests/1"), "engineer"))).contains("withdrawn");
    }

    private void state(RequestState state) {
        tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("update access_request set state = ?").param(state.name()).update());
    }

    @Test
    void aDecidedRequestTellsWhatItDidAsSeenWhenItWasSubmitted() throws Exception {
        send("/requests", form());
        assertThat(text(send(get("/requests/1"), "owner"))).contains("What it does").doesNotContain("as seen when", "Since it was submitted");
        state(RequestState.APPROVED);
        MockHttpServletResponse page = send(get("/requests/1"), "owner");
        assertThat(text(page)).contains("What it did, as seen when it was submitted", "Narrower", "was to be refused from then on, in demo",
                "as production/billing-service", "in plain text").doesNotContain("What it does", "were not kept");
        state(RequestState.REJECTED);
        assertThat(text(send(get("/requests/1"), "owner"))).contains("What it would have done, as seen when it was submitted");
    }

    @Test
    void anOpenRequestSaysThatItsEffectHasChangedOnceItHas() throws Exception {
        send("/requests", form());
        assertThat(text(send(get("/requests/1"), "owner"))).doesNotContain("Since it was submitted");
        shop.live(AuthorizationPolicy.allow(ObjectMeta.of("production", "default-deny"), Target.EVERYTHING, List.of()));
        assertThat(text(send(get("/requests/1"), "owner"))).contains("Since it was submitted, what it would do has changed. Then: narrower, cuts", "Wider");
    }

    @Test
    void theCodesOfAskingHaveTheirHelp() throws Exception {
        assertThat(text(send(get("/help/CS2001"), "engineer"))).contains("The service has no sidecar", "Enable injection");
        assertThat(text(send(get("/help"), "engineer"))).contains("CS2007");
    }

    @Test
    void aHugeFormIsRefusedWhole() throws Exception {
        MultiValueMap<String, String> form = form();
        form.set("reason", "r".repeat(4_001));
        assertThat(send("/requests", form).getStatus()).isEqualTo(422);
        form.set("reason", "Long enough to be a reason.");
        form.set("paths-0", "/a ".repeat(101));
        assertThat(send("/requests", form).getStatus()).isEqualTo(422);
    }

    @Test
    void hostileWordsStayWords() throws Exception {
        String hostile = "\"><img src=x onerror=alert(1)> [[${1234*4321}]] __${1234*4321}__ {{1234*4321}} hx-get=/x \u202E end of it";
        MultiValueMap<String, String> form = form();
        form.set("reason", hostile);
        form.set("ticket", "<script>alert(1)</script>");
        send("/requests", form);
        for (String path : List.of("/requests/1", "/requests", "/requests?q=" + "%3Cscript%3E", "/requests/1/edit")) {
            String page = send(get(java.net.URI.create(path)), "engineer").getContentAsString();
            assertThat(page).as(path).doesNotContain("<img src=x", "<script>alert", "5332114");
        }
    }

    @Test
    void theListIsNarrowedByItsAddress() throws Exception {
        send("/requests", form());
        MultiValueMap<String, String> other = form();
        other.set("from-0", "staging/order-service");
        send("/requests", other);
        send(post("/requests/1/withdrawal").with(csrf()), "engineer");
        assertThat(text(send(get("/requests"), "owner"))).contains("withdrawn", "from staging");
        assertThat(text(send(get("/requests?state=closed"), "owner"))).contains("withdrawn").doesNotContain("from staging,");
        assertThat(text(send(get("/requests?mine=true"), "owner"))).contains("Nothing found");
        assertThat(text(send(get("/requests?namespace=staging"), "owner"))).contains("from staging,");
        assertThat(send(get("/requests?q=checkout").header("HX-Request", "true"), "owner").getContentAsString()).contains("id=\"rows\"").doesNotContain("<html");
        assertThat(send(get("/requests?q=%00&before=x&state=%27&namespace=%27%27"), "owner").getStatus()).isEqualTo(200);
    }
}
