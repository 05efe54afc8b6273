package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A real Chromium for tests. Each person gets a context of their own (`open`): own cookies, own theme, own width. Whatever
/// the page complains about, a script error or a refusal by the Content-Security-Policy, is kept in `complaints` and belongs
/// in an assertion.
public final class BrowserSession implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync");
    private static final Map<String, Object> WHOLE = Map.of("type", "tag", "values", List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"));
    private static final Map<String, Object> COLOURS = Map.of("type", "rule", "values", List.of("color-contrast", "link-in-text-block"));

    private static final String AXE = AxeBuilder.getAxeScript();

    public static final int NARROW = 320;
    public static final int WIDE = 1280;

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> complaints = new ArrayList<>();

    public BrowserSession() {
        var executable = Chromium.EXECUTABLE;
        playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var options = new BrowserType.LaunchOptions().setArgs(FLAGS).setHeadless(true);
        executable.ifPresent(options::setExecutablePath);
        browser = playwright.chromium().launch(options);
    }

    /// A page of a new person at `base`, in light or dark, so many pixels wide, with script or without.
    public Page open(String base, ColorScheme theme, int width, boolean script) {
        return open(base, theme, width, script, new Browser.NewContextOptions());
    }

    /// As `open`, in a browser that knows no Content-Security-Policy: what a page holds is held back by nothing but how it was written.
    public Page unguarded(String base) {
        return open(base, ColorScheme.LIGHT, WIDE, true, new Browser.NewContextOptions().setBypassCSP(true));
    }

    private Page open(String base, ColorScheme theme, int width, boolean script, Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options
                .setBaseURL(base)
                .setColorScheme(theme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setJavaScriptEnabled(script)
                .setLocale("en-GB")
                .setTimezoneId("UTC")
                .setViewportSize(width, height(width)));
        // The browser keeps what it made of the script; handed over with each question, that was a third of the question's time.
        context.addInitScript(AXE);
        context.setDefaultTimeout(30_000);
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) complaints.add(message.text());
        });
        page.onPageError(complaints::add);
        return page;
    }

    public Page open(String base) {
        return open(base, ColorScheme.LIGHT, WIDE, true);
    }

    /// A page of somebody who signed in by name and password, at home.
    public Page signedIn(String base, String username, String password, boolean script) {
        Page page = open(base, ColorScheme.LIGHT, WIDE, script);
        page.navigate("/sign-in");
        page.locator("#username").fill(username);
        page.locator("#password").fill(password);
        page.locator("main button.primary").first().click();
        page.waitForURL("**/");
        return page;
    }

    /// As `look`, and there must be nothing.
    public static void isSound(Page page, String folder, String name) {
        assertThat(look(page, folder, name)).isEmpty();
    }

    /// What keeps somebody out of the page as it stands, one line a finding, in both widths and both themes; afterwards it is wide
    /// and light. It is resized rather than opened again, and of the dark only colours are looked at: the rest was in the light.
    /// Shoots it to `target/FOLDER` where pictures are wanted.
    public static List<String> look(Page page, String folder, String name) {
        List<String> all = new ArrayList<>();
        for (int width : new int[] {NARROW, WIDE}) {
            page.setViewportSize(width, height(width));
            for (ColorScheme theme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
                String view = name + "-" + theme.name().toLowerCase(Locale.ROOT) + "-" + width;
                shoot(page, Path.of("target", folder, view + ".png"));
                findings(page, theme == ColorScheme.LIGHT ? WHOLE : COLOURS).forEach(finding -> all.add(view + ": " + finding));
            }
            if (scrollsSideways(page)) {
                all.add(name + " scrolls sideways at " + width);
            }
        }
        return all;
    }

    public List<String> complaints() {
        return complaints;
    }

    /// What axe-core finds on the page in the view in which it stands, one line a finding; empty is what we want.
    public static List<String> axe(Page page) {
        return findings(page, WHOLE);
    }

    /// Asked directly: the library's own way also carries over to us all that axe found right.
    @SuppressWarnings("unchecked")
    private static List<String> findings(Page page, Map<String, Object> rules) {
        return (List<String>) page.evaluate("""
                async rules => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations.flatMap(rule =>
                    rule.nodes.map(node => `${rule.id}: ${rule.help} | ${node.html} | ${node.failureSummary}`))""", rules);
    }

    private static int height(int width) {
        return width < 700 ? 720 : 900;
    }

    /// Whether anything on the page reaches beyond its width.
    public static boolean scrollsSideways(Page page) {
        return (Boolean) page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth");
    }

    /// For people to look at: only with `-Dshots=true`, for a picture costs as much as everything else that is asked of a page.
    public static void shoot(Page page, Path file) {
        if (!Boolean.getBoolean("shots")) {
            return;
        }
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
