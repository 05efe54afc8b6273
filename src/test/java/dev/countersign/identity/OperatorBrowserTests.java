package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    private Page signedIn(ColorScheme theme, int width) {
        Page page = browser.open("http://127.0.0.1:" + port, theme, width, true);
        page.navigate("/sign-in");
        page.locator("#username").fill("operator");
        page.locator("#password").fill("operator password");
        page.locator("main button.primary").first().click();
        page.waitForURL("**/operator");
        return page;
    }

    private static void look(Page page, String name, ColorScheme theme, int width, List<String> findings) throws IOException {
        String where = name + " " + theme + " " + width;
        page.waitForLoadState(com.microsoft.playwright.options.LoadState.LOAD);
        BrowserSession.shoot(page, Files.createDirectories(Path.of("target", "operator")).resolve(name + "-" + theme.name().toLowerCase(Locale.ROOT) + "-" + width + ".png"));
        // What does not depend on colours was looked at in the light; the list of tenants is long.
        (theme == ColorScheme.LIGHT ? BrowserSession.axe(page) : BrowserSession.axeOfColours(page)).forEach(finding -> findings.add(where + ": " + finding));
        if (BrowserSession.scrollsSideways(page)) {
            findings.add(where + ": scrolls sideways");
        }
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
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : new int[] {BrowserSession.NARROW, BrowserSession.WIDE}) {
                Page page = signedIn(theme, width);
                look(page, "tenants", theme, width, findings);
                page.navigate("/operator?after=zzzz");
                look(page, "no-more", theme, width, findings);
                page.navigate("/operator");
                found(page, "a b", "Twin");
                page.locator("#slug[aria-invalid=true]").waitFor();
                look(page, "refused", theme, width, findings);
                found(page, "born-" + System.nanoTime(), "A name so long that it must be broken somewhere on a narrow screen, which nothing may scroll for");
                page.locator("main code").first().waitFor();
                look(page, "founded", theme, width, findings);
                for (String path : List.of("/help", "/help/CS9404", "/requests", "/nothing-here")) {
                    page.navigate(path);
                    look(page, "operator" + path.replace('/', '-'), theme, width, findings);
                }
                page.context().close();
            }
        }
        assertThat(findings).isEmpty();
        // What is not theirs answers 403, and what is not there 404: the browser says so too.
        assertThat(browser.complaints()).allMatch(line -> line.contains("403") || line.contains("404") || line.contains("422"));
    }
}
