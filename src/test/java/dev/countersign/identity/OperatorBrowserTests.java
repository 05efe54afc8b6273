package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.Fixtures;
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

/// What the operator of the platform sees, in a real browser: axe-core, both themes, both widths, every state of the one page.
@PortalTest
class OperatorBrowserTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private BrowserSession browser;

    @BeforeEach
    void open() {
        jdbc.sql("delete from sign_in_attempt").update();
        fixtures.tenant();
        browser = new BrowserSession();
    }

    @AfterEach
    void close() {
        browser.close();
    }

    private Page signedIn() {
        Page page = browser.open("http://127.0.0.1:" + port);
        page.navigate("/sign-in");
        page.locator("#username").fill("operator");
        page.locator("#password").fill("operator password");
        page.locator("main button.primary").first().click();
        page.waitForURL("**/operator");
        return page;
    }

    private static void found(Page page, String slug, String name) {
        page.locator("#slug").fill(slug);
        page.locator("#name").fill(name);
        page.locator("#username").fill("anna");
        page.locator("#displayName").fill("Anna Berg");
        page.locator("main form button.primary").click();
    }

    @Test
    void noStateOfThePageKeepsSomeoneOut() throws IOException {
        List<String> findings = new ArrayList<>();
        Page page = signedIn();
        findings.addAll(BrowserSession.look(page, "operator", "tenants"));
        page.navigate("/operator?after=zzzz");
        findings.addAll(BrowserSession.look(page, "operator", "no-more"));
        page.navigate("/operator");
        found(page, "a b", "Twin");
        page.locator("#slug[aria-invalid=true]").waitFor();
        findings.addAll(BrowserSession.look(page, "operator", "refused"));
        found(page, "born-" + System.nanoTime(), "A name so long that it must be broken somewhere on a narrow screen, which nothing may scroll for");
        page.locator("main code").first().waitFor();
        findings.addAll(BrowserSession.look(page, "operator", "founded"));
        for (String path : List.of("/help", "/help/CS9404", "/requests", "/nothing-here")) {
            page.navigate(path);
            findings.addAll(BrowserSession.look(page, "operator", "operator" + path.replace('/', '-')));
        }
        assertThat(findings).isEmpty();
        // What is not theirs answers 403, and what is not there 404: the browser says so too.
        assertThat(browser.complaints()).allMatch(line -> line.contains("403") || line.contains("404") || line.contains("422"));
    }
}
