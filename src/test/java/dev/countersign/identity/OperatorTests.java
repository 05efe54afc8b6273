package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;

@PortalTest
class OperatorTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private Cookie session;

    @BeforeEach
    void signIn() throws Exception {
        jdbc.sql("delete from sign_in_attempt").update();
        MockHttpServletResponse in = signIn("operator", "operator password");
        assertThat(in.getRedirectedUrl()).isEqualTo("/");
        session = in.getCookie("countersign");
    }

    private MockHttpServletResponse signIn(String name, String password) throws Exception {
        return mvc.perform(MockMvcRequestBuilders.post("/sign-in").with(csrf()).param("username", name).param("password", password)).andReturn().getResponse();
    }

    private MockHttpServletResponse found(String slug, String name, String username) throws Exception {
        return mvc.perform(MockMvcRequestBuilders.post("/operator/tenants").with(csrf()).cookie(session)
                .param("slug", slug).param("name", name).param("username", username).param("displayName", "First Person")).andReturn().getResponse();
    }

    private int status(String path) throws Exception {
        return mvc.perform(get(path).cookie(session)).andReturn().getResponse().getStatus();
    }

    @Test
    void aWrongPasswordOpensNothing() throws Exception {
        assertThat(signIn("operator", "wrong").getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(signIn("nobody", "operator password").getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(signIn("operator@" + fixtures.tenant().tenant().slug(), "operator password").getRedirectedUrl()).isEqualTo("/sign-in?failed");
    }

    @Test
    void theOperatorSeesWhichTenantsThereAreAndNothingOfThem() throws Exception {
        var tenant = fixtures.tenant();
        String page = mvc.perform(get("/operator").cookie(session)).andReturn().getResponse().getContentAsString();
        assertThat(page).contains("Platform operator", "The installation is well").doesNotContain("Erin Engineer", "/requests", "/audit");
        for (String path : List.of("/me", "/admin", "/admin/people", "/admin/people/engineer", "/audit", "/audit/1", "/audit/export.csv", "/requests", "/requests/1",
                "/requests/1/history", "/queue", "/grants", "/services", "/clusters", "/find", "/api/v1/access-requests")) {
            assertThat(status(path)).as(path).isIn(401, 403);
        }
        assertThat(tenants.bySlug(tenant.tenant().slug())).isPresent();
    }

    @Test
    void nobodyElseIsAnOperator() throws Exception {
        var tenant = fixtures.tenant();
        for (String username : List.of("engineer", "security", "auditor", "admin")) {
            assertThat(mvc.perform(get("/operator").with(fixtures.as(tenant, username))).andReturn().getResponse().getStatus()).isEqualTo(403);
        }
    }

    @Test
    void aTenantIsFoundedWithItsFirstAdministrator() throws Exception {
        String slug = "born-" + System.nanoTime();
        MockHttpServletResponse made = found(slug, "Born Today", "anna");
        Matcher password = Pattern.compile("<code>([a-z0-9]{5}(?:-[a-z0-9]{5}){3})</code>").matcher(made.getContentAsString());
        assertThat(password.find()).isTrue();
        Cookie anna = signIn("anna@" + slug, password.group(1)).getCookie("countersign");
        assertThat(mvc.perform(get("/admin/people").cookie(anna)).andReturn().getResponse().getContentAsString()).contains("First Person");
        assertThat(mvc.perform(get("/audit").cookie(anna)).andReturn().getResponse().getContentAsString()).contains("founded the tenant Born Today");
        assertThat(status("/admin/people")).isEqualTo(403);
    }

    @Test
    void aTenantIsRefusedWithWhatToDo() throws Exception {
        String taken = fixtures.tenant().tenant().slug();
        assertThat(found(taken, "Twin", "anna").getContentAsString()).contains("There is a tenant " + taken + " already");
        assertThat(found("a b", "Twin", "anna").getContentAsString()).contains("Use 1 to 40");
        assertThat(found("fine-" + System.nanoTime(), " ", "anna").getStatus()).isEqualTo(422);
        assertThat(found("fine-" + System.nanoTime(), "Fine", "an@na").getStatus()).isEqualTo(422);
    }

    @Test
    void theConfigurationIsWholeOrNotThere() {
        String hash = "{bcrypt}$2a$04$" + "x".repeat(53);
        new FirstOperator("", "");
        new FirstOperator("ops", hash);
        assertThatThrownBy(() -> new FirstOperator("ops", "")).hasMessageContaining("together");
        assertThatThrownBy(() -> new FirstOperator("", hash)).hasMessageContaining("together");
        assertThatThrownBy(() -> new FirstOperator("ops@acme", hash)).hasMessageContaining("without @");
        assertThatThrownBy(() -> new FirstOperator("ops", "secret in clear")).hasMessageContaining("never the password itself").message().doesNotContain("secret in clear");
    }

    @Test
    void thePortalsOwnRoleCannotMakeAnOperator() {
        assertThatThrownBy(() -> jdbc.sql("insert into platform_operator (id, username, password_hash) values (gen_random_uuid(), 'x', 'x')").update())
                .rootCause().hasMessageContaining("permission denied");
    }
}
