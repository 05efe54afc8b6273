package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.grants.GrantLedger;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.Tenants;
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

    private Page signedIn(String who, boolean script) {
        return browser.signedIn("http://127.0.0.1:" + port, who + "@" + tenant.tenant().slug(), who + " password", script);
    }

    @Test
    void everyPageIsSound() {
        Page page = signedIn("owner", true);
        browser.complaints().clear();
        page.navigate(SERVICE + "/stop");
        BrowserSession.isSound(page, "stops", "stop");
        page.locator("#reason").fill("Calls that nobody expected came in last night; we look into them before anything more is let in.");
        page.locator("main form.ask button.primary").click();
        page.waitForURL("**" + SERVICE);
        long request = shop.approve("order-service");
        page.navigate(SERVICE);
        page.getByText("Release stop 1").waitFor();
        BrowserSession.isSound(page, "stops", "service");
        page.navigate("/clusters/demo/policies");
        BrowserSession.isSound(page, "stops", "cluster");
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("stopped by").first().waitFor();
        BrowserSession.isSound(page, "stops", "request");
        page.navigate("/grants/" + tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getFirst().number());
        page.getByText("stopped by").first().waitFor();
        BrowserSession.isSound(page, "stops", "grant");
        page.navigate("/stops/1/release");
        BrowserSession.isSound(page, "stops", "release");
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void stoppingAndReleasingWorkWithoutScript() {
        Page page = signedIn("security", false);
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
