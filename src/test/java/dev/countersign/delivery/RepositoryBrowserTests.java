package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// How a cluster is delivered, as people see it: sound in every page that tells of it, and switched without script.
@PortalTest
class RepositoryBrowserTests {
    private static final String PAGE = "/admin/clusters/demo/delivery";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @LocalServerPort
    int port;

    @TempDir
    Path folder;

    private TestTenant tenant;
    private ShopFixture.Shop shop;
    private GitServer git;
    private BrowserSession browser;

    @BeforeEach
    void open() throws IOException {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        git = new GitServer(folder);
        browser = new BrowserSession();
    }

    @AfterEach
    void close() {
        browser.close();
        shop.close();
        git.close();
    }

    private Page signedIn(String who, boolean script) {
        return browser.signedIn("http://127.0.0.1:" + port, who + "@" + tenant.tenant().slug(), who + " password", script);
    }

    private void fill(Page page) {
        page.locator("#url").fill(git.url());
        page.locator("#username").fill("robot");
        page.locator("#password").fill("the right password");
        page.locator("main form.fields button.primary").click();
    }

    @Test
    void everyPageIsSound() {
        Page page = signedIn("admin", true);
        browser.complaints().clear();
        page.navigate(PAGE);
        BrowserSession.isSound(page, "repository", "direct");
        git.down(true);
        fill(page);
        page.getByText("Write to the cluster again").waitFor();
        long request = shop.approve("order-service");
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("unreachable, tried again").first().waitFor();
        page.navigate("/clusters/demo/policies");
        page.getByText("Nothing can be pushed at the moment").waitFor();
        BrowserSession.isSound(page, "repository", "trouble");
        git.down(false);
        page.locator("main form button").first().click();
        page.navigate("/requests/" + request);
        page.locator("#delivery").getByText("pushed, awaiting the cluster").first().waitFor();
        BrowserSession.isSound(page, "repository", "request");
        page.navigate(PAGE);
        BrowserSession.isSound(page, "repository", "repository");
        page.navigate(PAGE + "/direct");
        BrowserSession.isSound(page, "repository", "back");
        page.navigate("/clusters/demo/policies");
        BrowserSession.isSound(page, "repository", "policies");
        page.navigate("/clusters/demo/policies/production/countersign-payment-service");
        BrowserSession.isSound(page, "repository", "policy");
        page.navigate("/clusters/demo");
        page.getByText("These policies go by a Git repository").waitFor();
        BrowserSession.isSound(page, "repository", "cluster");
        page.navigate("/admin/clusters/demo/edit");
        BrowserSession.isSound(page, "repository", "edit");
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void switchingThereAndBackWorksWithoutScript() throws Exception {
        Page page = signedIn("admin", false);
        page.navigate("/clusters/demo");
        page.locator("main").getByText("Change").first().click();
        page.locator("main").getByText("How it is delivered").click();
        fill(page);
        assertThat(page.getByText("The portal writes nothing to cluster demo any more").count()).isEqualTo(1);
        shop.approve("order-service");
        for (int i = 0; i < 200 && git.tip("countersign/demo").isEmpty(); i++) {
            Thread.sleep(50);
        }
        Thread.sleep(500);
        page.navigate(PAGE);
        page.getByText("Write to the cluster again").click();
        page.locator("main form.ask button.primary").click();
        assertThat(page.getByText("The portal writes policies to cluster demo itself").count()).isEqualTo(1);
    }
}
