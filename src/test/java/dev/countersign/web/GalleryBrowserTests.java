package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.browser.BrowserSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every part in every state in a real browser under the real Content-Security-Policy: axe-core, keys, typeahead, htmx.
class GalleryBrowserTests {
    private static final Gallery GALLERY = new Gallery();
    private static BrowserSession browser;
    private static HttpServer server;
    private static String base;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", GalleryBrowserTests::serve);
        server.start();
        base = "http://127.0.0.1:" + server.getAddress().getPort();
        browser = new BrowserSession();
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.stop(0);
    }

    static List<String> pages() {
        return Gallery.PAGES;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void nothingKeepsSomeoneOut(String name) {
        Page page = browser.open(base);
        page.navigate("/" + name);
        page.locator("details").all().forEach(details -> details.evaluate("it => { if (!it.matches('.menu')) it.open = true }"));
        BrowserSession.isSound(page, "gallery", name);
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void theQueueIsWorkedByKeys() {
        Page page = browser.open(base);
        page.navigate("/queue");

        page.keyboard().press("j");
        assertThat(page.locator("tr[aria-selected=true]").getAttribute("id")).isEqualTo("r40");
        page.keyboard().press("x");
        assertThat(page.locator("#r40 input").isChecked()).isTrue();
        page.keyboard().press("?");
        assertThat(page.locator("#key-help").isVisible()).isTrue();
        page.keyboard().press("Escape");
        page.keyboard().press("k");
        assertThat(page.locator("tr[aria-selected=true]").getAttribute("id")).isEqualTo("r42");
        page.context().close();
    }

    @Test
    void aServiceIsFoundByTyping() {
        Page page = browser.open(base);
        page.navigate("/new");

        page.locator("#to").pressSequentially("pay");
        page.locator("#to-options [role=option]").first().waitFor();
        page.keyboard().press("ArrowDown");
        assertThat(page.locator("#to").getAttribute("aria-activedescendant")).isEqualTo("to-option-0");
        assertThat(BrowserSession.axe(page)).isEmpty();
        page.keyboard().press("Enter");
        assertThat(page.locator("#to").inputValue()).isEqualTo("payment-service");
        assertThat(page.locator("#to").getAttribute("aria-expanded")).isEqualTo("false");
        assertThat(browser.complaints()).isEmpty();
        page.context().close();
    }

    @Test
    void htmxWorksUnderTrustedTypesAndCarriesTheToken() {
        Page page = browser.open(base);
        page.navigate("/home");

        page.evaluate("""
                () => { const it = document.createElement('div'); it.id = 'probe'; it.setAttribute('hx-post', '/echo');
                        it.setAttribute('hx-trigger', 'click'); document.body.append(it); htmx.process(it); it.click(); }""");
        page.locator("#probe b").waitFor();
        assertThat(page.locator("#probe b").textContent()).isEqualTo("token");
        assertThat(browser.complaints()).isEmpty();

        page.evaluate("""
                () => { try { const it = document.createElement('script'); it.text = 'window.slipped = true'; document.body.append(it); }
                        catch { window.refused = true; } }""");
        assertThat(page.evaluate("() => window.slipped")).isNull();
        browser.complaints().clear();
        page.context().close();
    }

    private static void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        SecurityHeaders.ALWAYS.forEach(exchange.getResponseHeaders()::add);
        if (path.startsWith("/assets/")) {
            Assets.Asset asset = GALLERY.assets.find(path.split("/", 4)[3]).orElseThrow();
            answer(exchange, asset.type(), asset.plain());
        } else if (path.equals("/services/options")) {
            html(exchange, "<div role=\"option\" id=\"to-option-0\" aria-selected=\"false\" data-value=\"payment-service\">payment-service<small>production</small></div>");
        } else if (path.equals("/echo")) {
            html(exchange, "<b>" + exchange.getRequestHeaders().getFirst("X-CSRF-TOKEN") + "</b>");
        } else if (path.equals("/news")) {
            // Nothing to tell, and nothing to ask for again.
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        } else if (path.equals("/queue/count")) {
            html(exchange, "7");
        } else {
            html(exchange, GALLERY.draw(path.substring(1)));
        }
    }

    private static void html(HttpExchange exchange, String text) throws IOException {
        answer(exchange, "text/html;charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
