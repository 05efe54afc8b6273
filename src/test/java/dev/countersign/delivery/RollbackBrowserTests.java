package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.countersign.audit.Actor;
import dev.countersign.browser.BrowserSession;
import dev.countersign.grants.GrantLedger;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
    RequestDesk desk;

    @Autowired
    RequestProgress progress;

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

    private long approve(String caller) {
        Draft draft = new Draft(new ServiceAccess(List.of("demo"), List.of(new AskSource.Account("production", caller)), AskTarget.workload("production", "payment-service"),
                List.of(GrantedOperation.of(List.of("POST"), List.of("/api/v1/payments/*"))), List.of()),
                new Justification("Checkout settles card payments when an order is placed.", Optional.empty()), new GrantPeriod.For(Duration.ofDays(90)));
        return tenants.inTenant(tenant.tenant().id(), () -> {
            long number = ((Submission.Submitted) desk.submit(fixtures.current(tenant, "engineer"), draft)).number();
            progress.approved(progress.lock(number).orElseThrow(), Actor.system("test"));
            return number;
        });
    }

    private Page signedIn(String who, ColorScheme theme, int width, boolean script) {
        Page page = browser.open("http://127.0.0.1:" + port, theme, width, script);
        page.navigate("/sign-in");
        page.locator("#username").fill(who + "@" + tenant.tenant().slug());
        page.locator("#password").fill(who + " password");
        page.locator("main button.primary").first().click();
        page.waitForURL("**/");
        return page;
    }

    private static void isSound(Page page, String name, ColorScheme theme, int width) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "rollbacks"));
        BrowserSession.shoot(page, folder.resolve(name + "-" + theme.name().toLowerCase(Locale.ROOT) + "-" + width + ".png"));
        assertThat(BrowserSession.axe(page)).as(name).isEmpty();
        assertThat(BrowserSession.scrollsSideways(page)).as(name).isFalse();
    }

    private void everyPageIsSound(ColorScheme theme, int width) throws IOException {
        approve("order-service");
        long request = approve("billing-service");
        Page page = signedIn("owner", theme, width, true);
        browser.complaints().clear();
        page.navigate(POLICY);
        isSound(page, "policy", theme, width);
        page.getByText("Roll back to revision 1").click();
        page.waitForURL("**/revisions/1/rollback");
        isSound(page, "rollback", theme, width);
        page.locator("#reason").fill("Calls that nobody expected came in last night; we look into them.");
        page.locator("main form.ask button.primary").click();
        page.waitForURL("**/suspensions/1");
        isSound(page, "suspension", theme, width);
        page.navigate(POLICY);
        isSound(page, "policy-rolled-back", theme, width);
        page.navigate(SERVICE);
        page.getByText("Lift suspension 1").waitFor();
        page.getByText("It lets nobody in until").first().waitFor();
        isSound(page, "service", theme, width);
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("suspended by").first().waitFor();
        isSound(page, "request", theme, width);
        page.navigate("/grants/" + tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getFirst().number());
        isSound(page, "grant", theme, width);
        page.navigate("/grants?view=suspended");
        isSound(page, "grants", theme, width);
        page.navigate(SERVICE + "/callers/then?at=" + java.time.Instant.now().toString().substring(0, 19));
        isSound(page, "then", theme, width);
        page.navigate("/suspensions/1/resumption");
        isSound(page, "resumption", theme, width);
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
    void rollingBackAndLiftingWorkWithoutScript() {
        approve("order-service");
        approve("billing-service");
        Page page = signedIn("security", ColorScheme.LIGHT, BrowserSession.WIDE, false);
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
