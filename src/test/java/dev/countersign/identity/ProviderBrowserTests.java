package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.identity.oidc.TestProvider;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Signing in by a provider in a real browser, to another site and back, under our policies and with its rules for cookies: set up by
/// an administrator, linked by a person. axe-core, both themes and both widths on every state of the pages.
@PortalTest
class ProviderBrowserTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private final TestProvider provider = TestProvider.start();
    private TestTenant home;
    private BrowserSession browser;

    @BeforeEach
    void open() {
        jdbc.sql("delete from sign_in_attempt").update();
        home = fixtures.tenant();
        browser = new BrowserSession();
    }

    @AfterEach
    void close() {
        browser.close();
        provider.close();
    }

    /// Another site than the provider's, which is at 127.0.0.1.
    private String portal() {
        return "http://localhost:" + port;
    }

    private void comesHome(Page page) {
        page.waitForURL(portal() + "/");
        assertThat(page.locator("h1").first().innerText()).isNotEmpty();
    }

    @Test
    void anAdministratorSetsItUpAndAPersonComesInByIt() throws IOException {
        List<String> findings = new ArrayList<>();
        Page admin = browser.signedIn(portal(), "admin@" + home.tenant().slug(), "admin password", true);
        admin.navigate("/admin");
        admin.locator("a[href='/admin/sign-in']").click();
        findings.addAll(BrowserSession.look(admin, "provider", "nothing-set"));
        admin.locator("main form.fields button.primary").click();
        admin.locator("#issuer[aria-invalid=true]").waitFor();
        findings.addAll(BrowserSession.look(admin, "provider", "refused"));
        admin.locator("#issuer").fill(provider.issuer());
        admin.locator("#clientId").fill(TestProvider.CLIENT_ID);
        admin.locator("#secret").fill(TestProvider.SECRET);
        admin.locator("#label").fill("Acme SSO");
        assertThat(admin.locator("#portal").inputValue()).isEqualTo(portal());
        admin.locator("main form.fields button.primary").first().click();
        admin.getByText("Register the address below").waitFor();
        findings.addAll(BrowserSession.look(admin, "provider", "set"));
        provider.document = said -> java.util.Map.of("issuer", provider.issuer());
        admin.locator("form[action='/admin/sign-in/check'] button").click();
        admin.locator("main .note[data-kind=fails]").waitFor();
        findings.addAll(BrowserSession.look(admin, "provider", "out-of-order"));
        provider.document = said -> said;
        admin.locator("form[action='/admin/sign-in/enabling'] button").click();
        admin.locator("#emergency").waitFor();
        findings.addAll(BrowserSession.look(admin, "provider", "enabled"));
        admin.navigate("/admin/people/engineer");
        findings.addAll(BrowserSession.look(admin, "provider", "person"));
        admin.locator("form[action='/admin/people/engineer/link-code'] button").click();
        String code = admin.locator("main code").first().innerText();
        findings.addAll(BrowserSession.look(admin, "provider", "code"));

        Page engineer = browser.open(portal());
        engineer.navigate("/grants?view=all");
        findings.addAll(BrowserSession.look(engineer, "provider", "sign-in"));
        engineer.locator("a[href='/sign-in/provider']").click();
        findings.addAll(BrowserSession.look(engineer, "provider", "which"));
        engineer.locator("#tenant").fill("nobody@nowhere");
        engineer.locator("main button.primary").click();
        engineer.locator("main .note").waitFor();
        findings.addAll(BrowserSession.look(engineer, "provider", "nowhere"));
        engineer.locator("#tenant").fill("engineer@" + home.tenant().slug());
        engineer.locator("main button.primary").click();
        engineer.getByText("Sign in by Acme SSO").waitFor();
        findings.addAll(BrowserSession.look(engineer, "provider", "door"));
        engineer.getByText("Sign in by Acme SSO").click();
        engineer.locator("#code").waitFor();
        assertThat(engineer.url()).as("no code stays in the address").endsWith("/sign-in/provider/" + home.tenant().slug() + "?told=unlinked");
        findings.addAll(BrowserSession.look(engineer, "provider", "unlinked"));
        engineer.locator("#code").fill(code);
        engineer.locator("main form button.primary").click();
        engineer.waitForURL(portal() + "/grants?view=all");

        Page again = browser.open(portal());
        again.navigate("/sign-in/provider/" + home.tenant().slug());
        again.getByText("Sign in by Acme SSO").click();
        comesHome(again);
        for (String told : List.of("away", "refused", "again", "denied", "code", "over")) {
            Page stranger = browser.open(portal());
            stranger.navigate("/sign-in/provider/" + home.tenant().slug() + "?told=" + told);
            findings.addAll(BrowserSession.look(stranger, "provider", "told-" + told));
            stranger.close();
        }
        Page boss = browser.open(portal());
        provider.subject = "boss";
        admin.navigate("/admin/people/admin");
        admin.locator("form[action='/admin/people/admin/link-code'] button").click();
        String bosses = admin.locator("main code").first().innerText();
        boss.navigate("/sign-in/provider/" + home.tenant().slug());
        boss.getByText("Sign in by Acme SSO").click();
        boss.locator("#code").fill(bosses);
        boss.locator("main form button.primary").click();
        comesHome(boss);
        boss.navigate("/admin/sign-in");
        boss.locator("#emergency").fill("admin");
        boss.locator("form[action='/admin/sign-in/passwords/closing'] button").click();
        boss.locator("form[action='/admin/sign-in/passwords/opening'] button").waitFor();
        findings.addAll(BrowserSession.look(boss, "provider", "closed"));
        assertThat(findings).isEmpty();
        assertThat(browser.complaints()).allMatch(line -> line.contains("404") || line.contains("422"));
    }

    /// Without script as with it.
    @Test
    void itGoesWithoutScript() throws IOException {
        Page page = browser.open(portal(), com.microsoft.playwright.options.ColorScheme.LIGHT, BrowserSession.NARROW, false);
        page.navigate("/sign-in/provider");
        page.locator("#tenant").fill(home.tenant().slug());
        page.locator("main button.primary").click();
        page.locator("main .note").waitFor();
        assertThat(page.content()).contains("No way in here");
    }
}
