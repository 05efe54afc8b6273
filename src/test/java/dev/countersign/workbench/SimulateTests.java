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
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// May A call B? The address asks, the page answers.
@PortalTest
class SimulateTests {
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

    private void live(String name, String spec) {
        String text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: production}\nspec: " + spec;
        shop.live(((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow());
    }

    private void ordersMayPay() {
        live("payments", """
                {selector: {matchLabels: {app: payment-service}}, rules: [{from: [{source: {principals: \
                [cluster.local/ns/production/sa/order-service]}}], to: [{operation: {methods: [POST], paths: [/api/v1/payments/*]}}]}]}""");
    }

    private MockHttpServletRequestBuilder question(String... values) {
        MockHttpServletRequestBuilder question = get("/simulate").with(fixtures.as(tenant, "engineer"));
        for (int i = 0; i < values.length; i += 2) {
            question.param(values[i], values[i + 1]);
        }
        return question;
    }

    private String answer(String... values) throws Exception {
        MockHttpServletResponse response = mvc.perform(question(values)).andReturn().getResponse();
        assertThat(response.getStatus()).as(response.getContentAsString()).isEqualTo(200);
        return text(response);
    }

    private String refusal(String... values) throws Exception {
        MockHttpServletResponse response = mvc.perform(question(values)).andReturn().getResponse();
        assertThat(response.getStatus()).isEqualTo(422);
        return text(response);
    }

    private static String text(MockHttpServletResponse response) throws Exception {
        return response.getContentAsString().replaceAll("<[^>]+>", "").replace("&#39;", "'").replace("&quot;", "\"").replaceAll("\\s+", " ");
    }

    @Test
    void anAllowThatMatchesIsNamedWithItsRule() throws Exception {
        ordersMayPay();

        assertThat(answer("from", "production/order-service", "to", "demo/production/payment-service", "method", "POST", "path", "/api/v1/payments/17"))
                .contains("Yes. order-service may call payment-service with POST /api/v1/payments/17")
                .contains("The ALLOW policy production/payments, rule 0 lets it pass.")
                .contains("rule 0 matched the source and the operation");
    }

    @Test
    void aDeniedCallSaysWhatMissedAndLeadsToTheSmallestRequest() throws Exception {
        ordersMayPay();

        MockHttpServletResponse response = mvc.perform(question("from", "production/billing-service", "to", "production/payment-service",
                        "method", "DELETE", "path", "/api/v1/payments/17")).andReturn().getResponse();

        assertThat(text(response))
                .contains("No. billing-service may not call payment-service")
                .contains("One ALLOW policy stands before payment-service, and it does not allow this call.")
                .contains("did not match")
                .contains("billing-service may DELETE /api/v1/payments/17 on port 8080 of payment-service.");
        assertThat(response.getContentAsString()).contains("/requests/new?from=production%2Fsa%2Fbilling-service&amp;to=production%2Fpayment-service"
                + "&amp;cluster=demo&amp;method=DELETE&amp;path=%2Fapi%2Fv1%2Fpayments%2F17&amp;port=8080");
    }

    @Test
    void theSmallestRequestFillsTheForm() throws Exception {
        String form = mvc.perform(get("/requests/new").with(fixtures.as(tenant, "engineer")).param("from", "production/sa/billing-service")
                .param("to", "production/payment-service").param("cluster", "demo").param("method", "DELETE").param("path", "/api/v1/payments/17")
                .param("port", "8080")).andReturn().getResponse().getContentAsString();

        assertThat(form).contains("value=\"production/sa/billing-service\"").contains(">/api/v1/payments/17</textarea>").contains("value=\"8080\"");
    }

    @Test
    void withoutAnyAllowEverythingPasses() throws Exception {
        assertThat(answer("from", "staging/order-service", "to", "demo/production/payment-service"))
                .contains("Yes. order-service may call")
                .contains("No ALLOW policy stands before payment-service");
    }

    @Test
    void aDenyCannotBeRepairedByAGrant() throws Exception {
        ordersMayPay();
        live("closed", "{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}");

        assertThat(answer("from", "order-service", "to", "payment-service", "method", "POST", "path", "/api/v1/payments/1"))
                .contains("No. order-service may not call")
                .contains("The DENY policy production/closed, rule 0 matches.")
                .contains("No grant can let this call pass: production/closed denies it before any ALLOW is asked.")
                .doesNotContain("Ask for exactly this");
    }

    @Test
    void plainTextHasNoNameToGrantAnythingTo() throws Exception {
        ordersMayPay();

        assertThat(answer("from", "order-service", "to", "payment-service", "method", "POST", "path", "/api/v1/payments/1", "tls", "plain"))
                .contains("No. order-service in plain text may not call")
                .contains("there is no identity to grant anything to");
        assertThat(answer("to", "payment-service", "tls", "plain")).contains("No. Anyone in plain text");
    }

    @Test
    void aWorkloadWithoutAProxyEnforcesNothing() throws Exception {
        assertThat(answer("from", "staging/order-service", "to", "staging/legacy"))
                .contains("Yes. order-service may call legacy")
                .contains("legacy has no proxy, so no policy is enforced")
                .contains("Nothing is enforced. Bring legacy into the mesh first");
    }

    @Test
    void aCallerWithoutAProxyComesInPlainText() throws Exception {
        ordersMayPay();

        assertThat(answer("from", "staging/legacy", "to", "payment-service"))
                .contains("No. legacy in plain text")
                .contains("legacy has no proxy. It calls in plain text, so no policy can know it by name.");
    }

    @Test
    void permissivePortsAreToldWithWhatPlainTextWouldDo() throws Exception {
        assertThat(answer("from", "order-service", "to", "payment-service"))
                .contains("Port 8080 takes plain text too (PERMISSIVE, Istio's default). The same call passes without an identity as well.");
    }

    @Test
    void aStreamShowsItsProxyNoHttp() throws Exception {
        ordersMayPay();

        assertThat(answer("from", "order-service", "to", "payment-service", "method", "POST", "path", "/api/v1/payments/1", "port", "9000"))
                .contains("No. order-service may not call payment-service with a TCP connection to port 9000")
                .contains("Port 9000 carries tcp: its proxy sees a connection");
    }

    @Test
    void anExternalAuthorizerLeavesItOpen() throws Exception {
        live("ext", "{action: CUSTOM, provider: {name: opa}, rules: [{}]}");

        assertThat(answer("from", "order-service", "to", "payment-service"))
                .contains("It depends. order-service asks for payment-service")
                .contains("The external authorizer opa is asked about this call");
    }

    @Test
    void headersAndClaimsCountAsTheyAreWritten() throws Exception {
        live("by-token", """
                {selector: {matchLabels: {app: payment-service}}, rules: [{when: [{key: 'request.auth.claims[groups]', values: [admin]}, \
                {key: 'request.headers[x-channel]', values: [mobile]}]}]}""");

        assertThat(answer("from", "order-service", "to", "payment-service", "headers", "X-Channel: mobile", "claims", "groups: user\ngroups: admin"))
                .contains("Yes. order-service");
        assertThat(answer("from", "order-service", "to", "payment-service", "headers", "X-Channel: mobile")).contains("No. order-service");
    }

    @Test
    void thePathIsReadAsTheProxyReadsIt() throws Exception {
        assertThat(answer("from", "order-service", "to", "payment-service", "path", "/a/../admin"))
                .contains("The proxy reads the path as /admin.");
    }

    @Test
    void dryRunPoliciesAreToldApart() throws Exception {
        String text = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: trial, namespace: production, annotations: {istio.io/dry-run: "true"}}
                spec: {action: DENY, rules: [{}]}
                """;
        shop.live(((Reading.Read) PolicyReader.read(text)).documents().getFirst().decoding().as(AuthorizationPolicy.class).orElseThrow());

        assertThat(answer("from", "order-service", "to", "payment-service"))
                .contains("Yes. order-service")
                .contains("Dry run: the DENY policies on trial alone would deny it by production/trial.");
    }

    @Test
    void aWholeIdentityMayComeFromElsewhere() throws Exception {
        ordersMayPay();

        assertThat(answer("from", "spiffe://partner.example/ns/shop/sa/till", "to", "payment-service")).contains("No. till of shop");
    }

    @Test
    void everyUnclearWordIsAskedBack() throws Exception {
        assertThat(refusal("from", "order-service")).contains("Choose the service that is called.");
        assertThat(refusal("to", "payment-service")).contains("Choose who calls, or let the call come in plain text.");
        assertThat(refusal("from", "nobody", "to", "payment-service")).contains("There is no service or service account nobody among yours.");
        assertThat(refusal("from", "cluster.local/ns/a/sa/*", "to", "payment-service")).contains("There is no service or service account");
        assertThat(refusal("from", "order-service", "to", "no-service")).contains("There is no service no-service.");
        assertThat(refusal("from", "frontend", "to", "order-service"))
                .contains("Write demo/production/order-service or demo/staging/order-service.");
        String to = "payment-service";
        assertThat(refusal("from", "frontend", "to", to, "port", "70000")).contains("a number from 1 to 65535");
        assertThat(refusal("from", "frontend", "to", to, "tls", "perhaps")).contains("Choose mutual TLS, plain text");
        assertThat(refusal("from", "frontend", "to", to, "ip", "10.1")).contains("Write an IP address");
        assertThat(refusal("from", "frontend", "to", to, "method", "GET POST")).contains("Write one method");
        assertThat(refusal("from", "frontend", "to", to, "path", "api")).contains("Begin the path with a slash.");
        assertThat(refusal("from", "frontend", "to", to, "path", "/a%00")).contains("Envoy refuses this path");
        assertThat(refusal("from", "frontend", "to", to, "headers", "channel")).contains("\"channel\" is not name: value.");
        assertThat(refusal("from", "frontend", "to", to, "headers", "a b: c")).contains("is no name of a header");
        assertThat(refusal("from", "frontend", "to", to, "claims", "a: b\na[c]: d")).contains("The claim a cannot be a value and hold others.");
        assertThat(refusal("from", "frontend", "to", to, "claims", "a[c]: d\na: b")).contains("The claim a cannot be a value and hold others.");
    }

    @Test
    void anotherTenantsServiceIsAsIfItDidNotExist() throws Exception {
        TestTenant other = fixtures.tenant();
        MockHttpServletResponse response = mvc.perform(get("/simulate").with(fixtures.as(other, "engineer"))
                .param("from", "order-service").param("to", "demo/production/payment-service")).andReturn().getResponse();

        assertThat(response.getStatus()).isEqualTo(422);
        assertThat(text(response)).contains("There is no service demo/production/payment-service.");
    }

    @Test
    void htmxGetsTheAnswerAndTheAddressToShare() throws Exception {
        MockHttpServletResponse response = mvc.perform(question("from", "order-service", "to", "payment-service", "path", "/a b", "host", "")
                .header("HX-Request", "true")).andReturn().getResponse();

        assertThat(response.getHeader("HX-Replace-Url")).isEqualTo("/simulate?from=order-service&to=payment-service&path=%2Fa%20b");
        assertThat(response.getContentAsString()).startsWith("<section id=\"answer\"").doesNotContain("<html");
    }

    @Test
    void anEmptyQuestionIsNoMistake() throws Exception {
        assertThat(answer()).contains("Ask about any call");
    }
}
