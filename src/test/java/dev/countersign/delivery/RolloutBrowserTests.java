package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.grants.GrantLedger;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;

/// A plan is written, and a rollout is watched and continued, in a real browser: axe-core, both themes, both widths, and without script.
@PortalTest
class RolloutBrowserTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    Tenants tenants;

    @Autowired
    GrantLedger grants;

    @Autowired
    RolloutDesk desk;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    private TestTenant tenant;
    private ShopFixture.Shop demo;
    private ShopFixture.Shop west;
    private BrowserSession browser;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        demo = shops.open(tenant);
        west = shops.open(tenant, "west");
        browser = new BrowserSession();
    }

    @AfterEach
    void close() {
        browser.close();
        demo.close();
        west.close();
    }

    private Page signedIn(String who, boolean script) {
        return browser.signedIn("http://127.0.0.1:" + port, who + "@" + tenant.tenant().slug(), who + " password", script);
    }

    private long approve(String caller) {
        return approvals.approve(tenant, List.of("demo", "west"), "production", caller, "payment-service", "/api/v1/payments/*", new GrantPeriod.For(Duration.ofDays(90)));
    }

    private void delivered(long request) throws InterruptedException {
        for (int i = 0; i < 400 && !tenants.inTenant(tenant.tenant().id(), () -> desk.look(request)).orElseThrow().steps().getFirst().delivered(); i++) {
            Thread.sleep(50);
        }
        ReflectionTestUtils.invokeMethod(context.getBean(RolloutJob.class), "look", tenant.tenant(), 1_000, Duration.ZERO);
    }

    private static void write(Page page, int wave, String name, String places, String then) {
        page.locator("#name-" + wave).fill(name);
        page.locator("#places-" + wave).fill(places);
        page.locator("#goes-" + wave).selectOption(then);
    }

    @Test
    void everyPageIsSound() throws Exception {
        Page admin = signedIn("admin", true);
        browser.complaints().clear();
        admin.navigate("/admin/rollout");
        BrowserSession.isSound(admin, "rollouts", "no-plan");
        write(admin, 1, "Canary", "nowhere", "itself");
        admin.locator("main button.primary").click();
        admin.getByText("There is no cluster \"nowhere\" in use here.").waitFor();
        browser.complaints().removeIf(said -> said.contains("422"));
        BrowserSession.isSound(admin, "rollouts", "plan-refused");
        write(admin, 1, "Canary", "demo/production", "itself");
        admin.locator("main button.primary").click();
        admin.getByText("Version 1 of the plan").waitFor();
        BrowserSession.isSound(admin, "rollouts", "plan");
        long request = approve("order-service");
        delivered(request);
        admin.navigate("/requests/" + request);
        admin.locator("#delivery").getByText("rests until").first().waitFor();
        BrowserSession.isSound(admin, "rollouts", "request-rests");
        admin.navigate("/grants?view=held");
        BrowserSession.isSound(admin, "rollouts", "grants-held");
        admin.navigate("/grants/" + tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getLast().number());
        admin.getByText("It is held and lets nobody in.").waitFor();
        BrowserSession.isSound(admin, "rollouts", "grant-held");
        admin.navigate("/requests/" + request + "/rollout/continuation");
        BrowserSession.isSound(admin, "rollouts", "continuation");
        admin.locator("#reason").fill("The canary has looked well for an hour; the release of the evening needs the other cluster.");
        admin.locator("main form.ask button.primary").click();
        admin.waitForURL("**/requests/" + request);
        admin.locator("#delivery").getByText("let in by").first().waitFor();
        BrowserSession.isSound(admin, "rollouts", "request-continued");
        admin.navigate("/requests/" + request + "/rollout/continuation");
        assertThat(admin.getByText("Every wave is in").count()).isPositive();
        assertThat(admin.getByText("Continue now").count()).isZero();
        assertThat(browser.complaints()).isEmpty();
        admin.context().close();
    }

    @Test
    void aPlanAndAContinuationWorkWithoutScript() throws Exception {
        Page admin = signedIn("admin", false);
        admin.navigate("/admin/rollout");
        write(admin, 1, "Canary", "demo", "person");
        admin.locator("main button.primary").click();
        assertThat(admin.getByText("Version 1 of the plan").count()).isPositive();
        long request = approve("order-service");
        delivered(request);
        Page engineer = signedIn("engineer", false);
        engineer.navigate("/requests/" + request + "/delivery");
        assertThat(engineer.getByText("waits for a person").count()).isPositive();
        assertThat(engineer.getByText("Continue now").count()).isZero();
        admin.navigate("/requests/" + request + "/delivery");
        admin.getByText("Continue now").click();
        admin.locator("main form.ask button.primary").click();
        assertThat(admin.getByText("Say in 1 to 4,000 characters").count()).isPositive();
        admin.locator("#reason").fill("The canary looks well.");
        admin.locator("main form.ask button.primary").click();
        assertThat(admin.url()).endsWith("/requests/" + request);
        admin.navigate("/admin/rollout");
        admin.getByText("Take the plan away").click();
        assertThat(admin.getByText("There is no plan").count()).isPositive();
    }
}
