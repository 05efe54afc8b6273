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

/// Rolling back and lifting in a real browser: axe-core, both themes, both widths, and without script.
@PortalTest
class RollbackBrowserTests {
    private static final String POLICY = "/clusters/demo/policies/production/countersign-payment-service";
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
        shop.approve("order-service");
        long request = shop.approve("billing-service");
        Page page = signedIn("owner", true);
        browser.complaints().clear();
        page.navigate(POLICY);
        BrowserSession.isSound(page, "rollbacks", "policy");
        page.getByText("Roll back to revision 1").click();
        page.waitForURL("**/revisions/1/rollback");
        BrowserSession.isSound(page, "rollbacks", "rollback");
        page.locator("#reason").fill("Calls that nobody expected came in last night; we look into them.");
        page.locator("main form.ask button.primary").click();
        page.waitForURL("**/suspensions/1");
        BrowserSession.isSound(page, "rollbacks", "suspension");
        page.navigate(POLICY);
        BrowserSession.isSound(page, "rollbacks", "policy-rolled-back");
        page.navigate(SERVICE);
        page.getByText("Lift suspension 1").waitFor();
        page.getByText("It lets nobody in until").first().waitFor();
        BrowserSession.isSound(page, "rollbacks", "service");
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("suspended by").first().waitFor();
        BrowserSession.isSound(page, "rollbacks", "request");
        page.navigate("/grants/" + tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getFirst().number());
        BrowserSession.isSound(page, "rollbacks", "grant");
        page.navigate("/grants?view=suspended");
        BrowserSession.isSound(page, "rollbacks", "grants");
        page.navigate(SERVICE + "/callers/then?at=" + java.time.Instant.now().toString().substring(0, 19));
        BrowserSession.isSound(page, "rollbacks", "then");
        page.navigate("/suspensions/1/resumption");
        BrowserSession.isSound(page, "rollbacks", "resumption");
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void rollingBackAndLiftingWorkWithoutScript() {
        shop.approve("order-service");
        shop.approve("billing-service");
        Page page = signedIn("security", false);
        page.navigate(POLICY);
        page.getByText("Roll back to revision 1").click();
        page.locator("#reason").fill("We look into a leak.");
        page.locator("main form.ask button.primary").click();
        assertThat(page.url()).endsWith("/suspensions/1");
        page.getByText("Lift it").click();
        page.locator("#reason").fill("There was none.");
        page.locator("main form.ask button.primary").click();
        assertThat(page.getByText("There was none.").count()).isPositive();
        assertThat(page.getByText("Lift it").count()).isZero();
    }
}
