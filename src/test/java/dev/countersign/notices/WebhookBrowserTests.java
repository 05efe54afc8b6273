package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A webhook is registered, tested and looked after in a real browser: axe-core, both themes, both widths.
@PortalTest
class WebhookBrowserTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private record Fact(long number, int version) {}

    private static void sound(Page page, String name) {
        BrowserSession.isSound(page, "webhooks", name);
    }

    @Test
    void aWebhookIsRegisteredTestedAndLookedAfter() {
        TestTenant tenant = fixtures.tenant();
        try (BrowserSession browser = new BrowserSession(); StubReceiver receiver = new StubReceiver()) {
            Page page = browser.signedIn("http://127.0.0.1:" + port, "admin@" + tenant.tenant().slug(), "admin password", true);
            page.navigate("/admin/webhooks");
            sound(page, "none");
            page.locator("main a.button.primary").first().click();
            sound(page, "new");
            page.locator("#name").fill("Tickets of the platform team");
            page.locator("#url").fill("https://10.0.0.7/hooks");
            page.locator("main button.primary").click();
            assertThat(page.locator("#url-error").textContent()).contains("10.0.0.7").contains("countersign.webhooks.networks");
            assertThat(page.locator("#name").inputValue()).isEqualTo("Tickets of the platform team");
            sound(page, "refused");
            page.locator("#url").fill(receiver.url());
            page.locator("main button.primary").click();
            String secret = page.locator(".secret code").textContent();
            assertThat(secret).startsWith("whsec_");
            sound(page, "secret");
            page.locator("main a.button.primary").click();
            assertThat(page.content()).doesNotContain(secret);
            assertThat(page.locator("main").textContent()).contains("all sent");
            page.locator("button:has-text('Send a test event')").click();
            receiver.await("the test", () -> receiver.received().size() == 1);
            assertThat(Verification.verifies(receiver.received().getFirst(), secret)).isTrue();
            receiver.await("the page shows it", () -> {
                page.reload();
                return page.locator("main").textContent().contains("HTTP 204");
            });
            sound(page, "show");

            receiver.is(StubReceiver.answers(500, "<script>alert(1)</script> the ticket system is being restored from yesterday's backup"));
            for (String kind : new String[] {"request.submitted", "request.withdrawn"}) {
                tenants.inTenant(tenant.tenant().id(), () -> audit.append(new AuditEvent(kind, Actor.system("test"), new Subject("request", "42"), "did something", new Fact(42, 1))));
            }
            receiver.await("the page shows it", () -> {
                page.reload();
                return page.locator("main").textContent().contains("HTTP 500") && page.locator("main").textContent().contains("2 waiting");
            });
            sound(page, "waiting");
            page.locator("a:has-text('request.submitted')").first().click();
            sound(page, "event");
            tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update webhook_delivery set give_up_at = now() - interval '1 second', due_at = now() where tenant_id = ? and due_at is not null")
                    .param(tenant.tenant().id().value()).update());
            receiver.await("it is given up", () -> {
                page.navigate("/admin/webhooks/1");
                return page.locator("main").textContent().contains("Dead letters");
            });
            sound(page, "dead");
            page.navigate("/admin/webhooks");
            assertThat(page.locator("main").textContent()).contains("dead letter");
            sound(page, "index");
            receiver.is(StubReceiver.answers(200, ""));
            page.navigate("/admin/webhooks/1");
            page.locator("button:has-text('Send all again')").click();
            assertThat(page.locator("#notices").textContent()).contains("Sent again.");
            receiver.await("all are delivered", () -> {
                page.reload();
                return !page.locator("main").textContent().contains("Dead letters");
            });
            page.locator("button:has-text('Switch off')").click();
            assertThat(page.locator("main").textContent()).contains("switched off");
            sound(page, "off");
            page.locator("main a.button").first().click();
            sound(page, "edit");
            page.navigate("/admin/webhooks/1/removal");
            sound(page, "removal");
            page.locator("main button.danger").click();
            assertThat(page.locator("main").textContent()).contains("No webhooks yet");
            assertThat(browser.complaints().stream().filter(complaint -> !complaint.contains("422")).toList()).isEmpty();
        }
    }
}
