package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.countersign.browser.BrowserSession;
import dev.countersign.grants.GrantLedger;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Stopping and releasing in a real browser: axe-core, both themes, both widths, and without script.
@PortalTest
class StopBrowserTests {
    private static final String SERVICE = "/services/demo/production/payment-service";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    GrantLedger grants;

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

    private Page signedIn(String who, ColorScheme theme, int width, boolean script) {
        return browser.signedIn("http://127.0.0.1:" + port, who + "@" + tenant.tenant().slug(), who + " password", theme, width, script);
    }

    private void everyPageIsSound(ColorScheme theme, int width) throws IOException {
        Page page = signedIn("owner", theme, width, true);
        browser.complaints().clear();
        page.navigate(SERVICE + "/stop");
        BrowserSession.isSound(page, "stops", "stop", theme, width);
        page.locator("#reason").fill("Calls that nobody expected came in last night; we look into them before anything more is let in.");
        page.locator("main form.ask button.primary").click();
        page.waitForURL("**" + SERVICE);
        long request = shop.approve("order-service");
        page.navigate(SERVICE);
        page.getByText("Release stop 1").waitFor();
        BrowserSession.isSound(page, "stops", "service", theme, width);
        page.navigate("/clusters/demo/policies");
        BrowserSession.isSound(page, "stops", "cluster", theme, width);
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("stopped by").first().waitFor();
        BrowserSession.isSound(page, "stops", "request", theme, width);
        page.navigate("/grants/" + tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getFirst().number());
        page.getByText("stopped by").first().waitFor();
        BrowserSession.isSound(page, "stops", "grant", theme, width);
        page.navigate("/stops/1/release");
        BrowserSession.isSound(page, "stops", "release", theme, width);
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void everyPageIsSoundOnANarrowLightScreen() throws IOException {
        everyPageIsSound(ColorScheme.LIGHT, BrowserSession.NARROW);
    }

    @Test
    void everyPageIsSoundOnAWideDarkScreen() throws IOException {
        everyPageIsSound(ColorScheme.DARK, BrowserSession.WIDE);
    }

    @Test
    void stoppingAndReleasingWorkWithoutScript() {
        Page page = signedIn("security", ColorScheme.LIGHT, BrowserSession.WIDE, false);
        page.navigate(SERVICE);
        page.getByText("What was delivered for it, and stopping it").click();
        page.locator("main").getByText("Stop deliveries").click();
        page.locator("#reason").fill("We look into a leak.");
        page.locator("main form.ask button.primary").click();
        page.navigate("/delivery/of/demo/production/payment-service");
        page.getByText("Release stop 1").click();
        page.locator("#reason").fill("There was none.");
        page.locator("main form.ask button.primary").click();
        page.navigate("/delivery/of/demo/production/payment-service");
        assertThat(page.getByText("are stopped").count()).isZero();
    }
}
