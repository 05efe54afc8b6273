package dev.countersign.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// The workbench in a real browser, over a real cluster's policies: axe-core, both themes, both widths, with script and without.
@PortalTest
class WorkbenchBrowserTests {
    private static final String DENIED = "/simulate?from=demo/production/order-service&to=demo/production/user-profile&method=POST&path=/profiles/17";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @LocalServerPort
    int port;

    private TestTenant tenant;
    private ShopFixture.Shop shop;
    private BrowserSession browser;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        browser = new BrowserSession();
    }

    @AfterEach
    void close() {
        browser.close();
        shop.close();
    }

    private Page signedIn(boolean script) {
        return browser.signedIn("http://127.0.0.1:" + port, "engineer@" + tenant.tenant().slug(), "engineer password", script);
    }

    private static void isSound(Page page, String name) {
        page.locator("main details").all().forEach(details -> details.evaluate("it => { it.open = true }"));
        BrowserSession.isSound(page, "workbench", name);
    }

    @Test
    void everyPageIsSound() throws IOException {
        Page page = signedIn(true);
        browser.complaints().clear();
        page.navigate("/simulate");
        isSound(page, "simulate-empty");
        page.navigate(DENIED);
        isSound(page, "simulate-no");
        page.navigate("/simulate?from=demo/production/frontend&to=demo/production/legacy-batch");
        isSound(page, "simulate-unenforced");
        page.navigate("/policies");
        page.locator("#yaml").fill(Files.readString(Path.of("src", "test", "resources", "policy", "guide.yaml")));
        page.locator("#cluster").selectOption("demo");
        page.locator("main form button.primary").click();
        page.locator("#result .judged").first().waitFor();
        isSound(page, "policies");
        page.navigate("/services/demo/production/user-profile");
        page.locator("#callers").waitFor();
        page.locator("#callees").waitFor();
        isSound(page, "service");
        // Parts of other rooms may be missing for reasons of theirs; what the page itself does wrong is ours.
        assertThat(browser.complaints()).noneMatch(complaint -> !complaint.contains("Failed to load resource") && !complaint.contains("/queue/count") && !complaint.contains("/grants/of/"));
        page.context().close();
    }

    @Test
    void anAnswerComesAsTheQuestionIsTypedAndItsAddressCanBeShared() {
        Page page = signedIn(true);
        page.navigate("/simulate");
        page.locator("#from").fill("production/frontend");
        page.locator("#to").fill("production/user-profile");
        page.locator("#method").fill("GET");
        page.locator("#path").fill("/profiles/17");
        page.locator("#path").press("Tab");
        page.locator(".ruling[data-kind=yes]").waitFor();

        assertThat(page.url()).endsWith("/simulate?from=production%2Ffrontend&to=production%2Fuser-profile&method=GET&path=%2Fprofiles%2F17");
        page.reload();
        assertThat(page.locator(".ruling-word").textContent()).isEqualTo("Yes.");
        page.context().close();
    }

    @Test
    void everythingWorksWithoutScript() throws IOException {
        Page page = signedIn(false);
        page.navigate("/simulate");
        page.locator("#from").fill("production/order-service");
        page.locator("#to").fill("production/user-profile");
        page.locator("main form button.primary").click();
        assertThat(page.locator(".ruling-word").textContent()).isEqualTo("No.");
        page.locator("text=Ask for exactly this").click();
        assertThat(page.url()).contains("/requests/new?from=production%2Fsa%2Forder-service");

        page.navigate("/policies");
        page.locator("#yaml").fill("a: &b 1\n");
        page.locator("main form button.primary").click();
        assertThat(page.locator("#result .note strong").textContent()).startsWith("Line 1");
        page.navigate("/services/demo/production/user-profile");
        page.locator("text=Each caller, its rule and the request behind it").click();
        assertThat(page.locator("#callers").textContent()).contains("frontend may GET /profiles/*");
        page.context().close();
    }
}
