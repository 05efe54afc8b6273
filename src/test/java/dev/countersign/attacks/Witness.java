package dev.countersign.attacks;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.LoadState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A person's page in a browser, and what happened there that no page of ours does by itself: a script of somebody else ran, the
/// Content-Security-Policy had to step in, something was asked of an address that a payload names, or a payload is part of the
/// document as an element or an attribute. Payloads that stand there as text are what we want: they are counted.
final class Witness implements AutoCloseable {
    private static final String SENTINEL = """
            window.__pwned = number => { window.__report('a script ran: ' + number); return true; };
            addEventListener('securitypolicyviolation', event =>
                window.__report('the policy refused ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample), true);
            """;

    private static final String LOOK = """
            html => {
                const page = html == null ? document : new DOMParser().parseFromString(html, 'text/html');
                const found = [], seen = new Set();
                const links = new Set();
                const note = text => { for (const [, number] of String(text).matchAll(/pwned[^0-9]{0,2}([0-9]+)/gi)) seen.add(Number(number)); };
                const never = ['iframe', 'frame', 'frameset', 'object', 'embed', 'base', 'applet', 'math', 'audio', 'video', 'image', 'marquee', 'animate', 'set',
                    'foreignobject', 'xmp', 'plaintext', 'noscript', 'style', 'template', 'img'];
                const addresses = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster', 'srcset', 'srcdoc', 'background', 'ping'];
                const runs = value => /^\\s*(js|javascript)\\s*:/i.test(value);
                const strays = value => {
                    try {
                        const to = new URL(value, location.href);
                        return !['http:', 'https:'].includes(to.protocol) || to.origin !== location.origin || to.pathname.startsWith('/pwned');
                    } catch { return true; }
                };
                for (const element of page.querySelectorAll('*')) {
                    const name = element.localName;
                    const words = () => element.cloneNode(false).outerHTML.slice(0, 300);
                    if (/pwned/i.test(name) || never.includes(name.toLowerCase()) || element.shadowRoot) found.push('element ' + words());
                    if (name === 'script' && (/pwned/i.test(element.text) || !element.getAttribute('src')?.startsWith('/assets/'))) found.push('script ' + words());
                    if (name === 'meta' && element.httpEquiv) found.push('meta ' + words());
                    for (const {name: attribute, value} of element.attributes) {
                        const plain = attribute.toLowerCase().replace(/^data-hx-/, 'hx-');
                        note(value);
                        if (/pwned/i.test(attribute) || /^on/.test(plain) || ['style', '_', 'data-script', 'contenteditable', 'v-html', 'x-data'].includes(plain)
                                || /^(hx-on|hx-ext|hx-ws|hx-sse|sse-|ws-|th:)/.test(plain)) {
                            found.push('attribute ' + words());
                        } else if (addresses.includes(plain) && value !== '' && strays(value)) {
                            found.push('address ' + words());
                        } else if (/^hx-(get|post|put|patch|delete|push-url|replace-url)$/.test(plain) && (!value.startsWith('/') && value !== 'true' && value !== 'false' || strays(value))) {
                            found.push('htmx ' + words());
                        } else if (plain.startsWith('hx-') && runs(value)) {
                            found.push('htmx runs ' + words());
                        } else if (/^hx-(trigger|target|swap|swap-oob|select|select-oob|include|vals|headers|sync|params)$/.test(plain) && /pwned/i.test(value)) {
                            found.push('htmx is told ' + words());
                        }
                    }
                    for (const leads of name === 'a' ? ['href', 'hx-get'] : ['hx-get']) if (element.getAttribute(leads)?.startsWith('/')) links.add(element.getAttribute(leads));
                    if ('value' in element) note(element.value);
                }
                const comments = page.createNodeIterator(page, NodeFilter.SHOW_COMMENT);
                for (let comment = comments.nextNode(); comment; comment = comments.nextNode()) if (/pwned/i.test(comment.data)) found.push('comment ' + comment.data.slice(0, 200));
                note(page.documentElement.textContent);
                return {found, seen: [...seen], links: [...links]};
            }
            """;

    private final Page page;
    private final String base;
    private final Set<String> findings = new LinkedHashSet<>();
    private final Map<String, Set<Integer>> seen = new TreeMap<>();
    private final Set<String> links = new LinkedHashSet<>();
    private final Map<String, Attacks.Answer> recorded = new HashMap<>();
    private String where = "";
    private int looked;

    Witness(Page page, String base, String session) {
        this.page = page;
        this.base = base;
        page.context().addCookies(List.of(new Cookie("countersign", session).setUrl(base)));
        page.exposeFunction("__report", words -> findings.add(where + ": " + words[0]));
        page.addInitScript(SENTINEL);
        page.onDialog(dialog -> {
            findings.add(where + ": a dialog opened: " + dialog.message());
            dialog.dismiss();
        });
        page.onRequest(this::asked);
        page.onPageError(error -> findings.add(where + ": an error in a script: " + error));
    }

    private void asked(Request request) {
        String url = request.url();
        if (!url.startsWith(base + "/") || url.startsWith(base + "/pwned") || request.method().equals("POST")) {
            findings.add(where + ": asked " + request.method() + " " + url);
        }
    }

    /// Opens a page of the portal; `route` is what it is counted under.
    void open(String route, String path) {
        where = route + " " + path;
        try {
            page.navigate(path);
            look(route);
        } catch (PlaywrightException failed) {
            findings.add(where + ": cannot be opened: " + failed.getMessage());
        }
    }

    /// Lets htmx put the answer into the page that is open.
    void swap(String route, String path) {
        where = "fragment of " + route + " " + path;
        if (!(Boolean) page.evaluate("() => !!window.htmx && !!document.querySelector('#main')")) {
            page.navigate("/help");
        }
        page.evaluate("path => htmx.ajax('GET', path, {target: '#main', swap: 'innerHTML'})", path);
        look("fragment of " + route);
    }

    /// Shows an answer that was given before, as if the browser had asked for it, without our own styles and scripts: they are
    /// the same in all of them.
    void show(String route, Attacks.Answer answer) {
        String path = "/recorded/" + recorded.size();
        if (recorded.isEmpty()) {
            page.route(address -> address.startsWith(base + "/recorded/"), this::fulfil);
            page.route(address -> address.startsWith(base + "/assets/"), Route::abort);
        }
        recorded.put(path, answer);
        open(route, path);
    }

    private void fulfil(Route route) {
        Attacks.Answer answer = recorded.get(route.request().url().substring(base.length()));
        route.fulfill(new Route.FulfillOptions().setStatus(answer.status()).setHeaders(answer.headers()).setBody(answer.body()));
    }

    /// Spoils what comes from that path on its way to the page.
    void spoil(String path, java.util.function.UnaryOperator<String> change) {
        page.route(address -> address.startsWith(base + path), route -> {
            var answer = route.fetch();
            route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(change.apply(answer.text())));
        });
    }

    /// As the browser reads an answer that was given before, without opening it: nothing in it runs.
    void read(String route, Attacks.Answer answer) {
        where = route;
        note(route, answer.body());
    }

    /// Reads a page or a fragment through the page that is open, as quickly as it comes.
    void skim(String route, String path) {
        where = "skimmed " + path;
        note(route, (String) page.evaluate("path => fetch(path).then(answer => answer.text())", path));
    }

    private void look(String route) {
        page.waitForLoadState(LoadState.LOAD);
        page.waitForFunction("() => !window.htmx || !document.querySelector('.htmx-request')");
        note(route, null);
    }

    @SuppressWarnings("unchecked")
    private void note(String route, @Nullable String html) {
        Map<String, List<Object>> all = (Map<String, List<Object>>) page.evaluate(LOOK, html);
        all.get("found").forEach(found -> findings.add(where + ": " + found));
        Set<Integer> numbers = seen.computeIfAbsent(route, key -> new TreeSet<>());
        all.get("seen").forEach(number -> numbers.add(((Number) number).intValue()));
        all.get("links").forEach(link -> links.add((String) link));
        looked++;
    }

    /// What a script of ours could say.
    Object ask(String script) {
        return page.evaluate(script);
    }

    List<String> findings() {
        return new ArrayList<>(findings);
    }

    /// Numbers of the payloads that stood in the pages as text, by route.
    Map<String, Set<Integer>> seen() {
        return seen;
    }

    /// Where links of the pages lead.
    Set<String> links() {
        return links;
    }

    int looked() {
        return looked;
    }

    @Override
    public void close() {
        page.context().close();
    }
}
