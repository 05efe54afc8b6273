package dev.countersign.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.policy.check.FindingCode;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// What would Istio say? Pasted text, answered by document and line.
@PortalTest
class PoliciesTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    MockMvc mvc;

    private TestTenant tenant;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        catalog.open(tenant);
    }

    private MockHttpServletResponse check(String yaml, String cluster) throws Exception {
        return mvc.perform(post("/policies").with(fixtures.as(tenant, "engineer")).with(csrf()).param("yaml", yaml).param("cluster", cluster))
                .andReturn()
                .getResponse();
    }

    private static String text(MockHttpServletResponse response) throws Exception {
        return response.getContentAsString().replaceAll("<[^>]+>", "").replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&")
                .replaceAll("\\s+", " ");
    }

    private static String guide() throws Exception {
        return Files.readString(Path.of("src", "test", "resources", "policy", "guide.yaml"));
    }

    @Test
    void whoPastesTheGuideLearnsWhatIstioRejectsAndWhyAndGetsTheCorrectedForm() throws Exception {
        MockHttpServletResponse response = check(guide(), "");
        String said = text(response);

        assertThat(response.getStatus()).isEqualTo(200);
        assertThat(said)
                .contains("Istio would refuse 1 object of 4.")
                .contains("1. PeerAuthentication istio-system/default line 1 accepted, nothing to say")
                .contains("2. PeerAuthentication production/production-mtls line 6 Istio refuses it")
                .contains("Line 11 spec.portLevelMtls")
                .contains("CS1044")
                .contains("Istio's webhook, rule P1 says")
                .contains("the API server, rule C8 says")
                .contains("3. AuthorizationPolicy production/payment-service-policy line 15 accepted")
                .contains("The path covers the items, not the collection")
                .contains("4. AuthorizationPolicy production/deny-by-default line 32 accepted, and not what it seems")
                .contains("A DENY wins over any ALLOW.");
        assertThat(response.getContentAsString()).contains("href=\"/help/CS1044\"");
        // The corrected forms: the mode for the namespace alone, the ports with a selector, and a default deny that ALLOWs can open.
        assertThat(said)
                .contains("name: production-mtls namespace: production spec: mtls: mode: STRICT")
                .contains("portLevelMtls: \"9090\": mode: PERMISSIVE")
                .contains("name: deny-by-default namespace: production spec: {}");
    }

    @Test
    void whatIsPastedIsHeldAgainstWhatLives() throws Exception {
        String said = text(check(guide(), "demo"));

        assertThat(said)
                .contains("What would change in demo")
                .contains("production/payment-service")
                .contains("In all: Only cuts").contains("Only cuts")
                .contains("order-service loses everything");
    }

    @Test
    void aNamespaceThatIsNotOursIsNotCompared() throws Exception {
        String yaml = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: elsewhere}\nspec: {}\n";

        assertThat(text(check(yaml, "demo"))).contains("The namespace elsewhere is not among yours in demo, so elsewhere/a is not compared.");
        assertThat(text(check(yaml.replace(", namespace: elsewhere", ""), "demo"))).contains("The namespace default is not among yours in demo, so default/a is not compared.");
        assertThat(text(check(yaml.replace("elsewhere", "istio-system"), "demo"))).contains("istio-system/a spans the whole mesh");
    }

    @Test
    void aPolicyThatChangesNothingSaysSo() throws Exception {
        String yaml = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: production}\nspec: {rules: [{}]}\n";

        assertThat(text(check(yaml, "demo"))).contains("No call changes. 5 services are selected and keep every caller as before.");
    }

    @Test
    void whatIsKnownOfTheClusterIsUsed() throws Exception {
        String yaml = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: production}\n"
                + "spec: {selector: {matchLabels: {app: paiment-service}}}\n";

        assertThat(text(check(yaml, ""))).doesNotContain("The selector selects no workload");
        assertThat(text(check(yaml, "demo"))).contains("The selector selects no workload");
    }

    @Test
    void textThatIsNoYamlIsRefusedWithItsLine() throws Exception {
        MockHttpServletResponse response = check("kind: A\nspec:\n  a: &b 1\n", "");

        assertThat(response.getStatus()).isEqualTo(422);
        assertThat(text(response)).contains("Line 3, column").contains("a: &amp;b 1".replace("&amp;", "&"));
        assertThat(response.getContentAsString()).contains("kind: A");
    }

    @Test
    void nothingAndTooMuchAreRefused() throws Exception {
        assertThat(text(check("  ", ""))).contains("There is no text. Paste one or more manifests");
        assertThat(text(check("---\n---\n", ""))).contains("There is no object in this text.");
        MockHttpServletResponse large = check("#".repeat(Checker.MOST_BYTES + 1), "");
        assertThat(large.getStatus()).isEqualTo(422);
        assertThat(text(large)).contains("This is more than 1 MiB. Check it in parts.");
        MockHttpServletResponse elsewhere = check("kind: A\n", "west");
        assertThat(elsewhere.getStatus()).isEqualTo(422);
        assertThat(text(elsewhere)).contains("There is no cluster of that name.");
    }

    @Test
    void withoutATokenNothingIsRead() throws Exception {
        assertThat(mvc.perform(post("/policies").with(fixtures.as(tenant, "engineer")).param("yaml", "a: b")).andReturn().getResponse().getStatus())
                .isEqualTo(403);
    }

    @Test
    void everyCodeHasItsHelpPage() throws Exception {
        String index = mvc.perform(get("/help").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse().getContentAsString();
        for (FindingCode code : FindingCode.values()) {
            assertThat(index).contains("/help/" + code.code());
        }
        assertThat(text(mvc.perform(get("/help/CS1044").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse()))
                .contains("Port modes need a selector")
                .contains("Istio's webhook refuses the object (its rule P1).");
    }
}
