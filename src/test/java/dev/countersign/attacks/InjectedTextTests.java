package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.browser.BrowserSession;
import dev.countersign.portal.PortalTest;
import jakarta.servlet.http.Cookie;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.util.HtmlUtils;

/// S6, S7: what somebody wrote is text wherever it is shown. Payloads stand in every field that takes a text, in what a cluster
/// says and in what the portal refuses; every page and every fragment is opened in Chromium, under the portal's
/// Content-Security-Policy and without it, so that neither defence hides that the other is missing.
@PortalTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InjectedTextTests {
    private static final int ROUNDS = Attacks.FULL ? 12 : 1;
    private static final int MANY = Attacks.FULL ? 100 : 12;
    private static final int LINKED = Attacks.FULL ? 1_000 : 6;
    private static final int REQUESTS = Attacks.FULL ? 100 : 8;
    private static final int SKIMMED = Attacks.FULL ? 10_000 : 24;
    private static final int SHOWN = Attacks.FULL ? 100_000 : 20;
    private static final long SEED = 20_261_126;

    /// What a browser is not shown: files, the stream of news, and what is refused to somebody who is signed in.
    private static final Set<String> NO_PAGES = Set.of("/sign-in/provider/{tenant}/begin", "/sign-in/provider/{tenant}/callback", "/news", "/assets/{digest}/{*path}",
            "/audit/export.record", "/audit/export.csv", "/audit/export.ndjson", "/audit/{seq:[0-9]{1,18}}/receipt");

    /// Places whose payloads stand in pages that every walk comes through.
    private static final List<String> SEEN = List.of("many paths", "many displayName", "many team names", "many token names", "refusal of the cluster", "field manager",
            "annotation", "label", "live path", "live host", "live value", "principal", "POST /admin/settings reasonTemplate", "POST /admin/rules/{place:[0-9]{1,2}} name");

    @Autowired
    ApplicationContext context;

    @Autowired
    MockMvc mvc;

    @Autowired
    FilterChainProxy filters;

    @Autowired
    CsrfTokenRepository tokens;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private Attacks attacks;
    private World world;
    private Planted planted;
    private BrowserSession browser;
    private String base;
    private final Map<String, String> sessions = new HashMap<>();

    @BeforeAll
    void plant() throws Exception {
        long began = System.nanoTime();
        attacks = Attacks.on(context);
        world = World.found(attacks.rooms(), "bdfgk", 0);
        planted = new Planted(attacks, world, SEED);
        planted.everywhere(ROUNDS);
        planted.documents();
        planted.many(MANY);
        planted.cluster(MANY);
        base = "http://127.0.0.1:" + port;
        browser = new BrowserSession();
        System.out.println("S6 planted " + planted.count() + " payloads in " + (System.nanoTime() - began) / 1_000_000 + " ms");
    }

    @AfterAll
    void close() {
        browser.close();
        world.close();
    }

    private String session(String by) {
        return sessions.computeIfAbsent(by, this::newSession);
    }

    private String newSession(String by) {
        try {
            jdbc.sql("delete from sign_in_attempt").update();
            Door door = new Door(mvc, filters, tokens);
            door.restore();
            Cookie cookie = door.signIn(by.equals("operator") ? by : by + "@" + world.tenant().tenant().slug(), by + " password");
            return cookie.getValue();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Witness witness(String by, boolean guarded) {
        return new Witness(guarded ? browser.open(base) : browser.unguarded(base), base, session(by));
    }

    @Test
    void noProgramErrorComesOfAText() {
        assertThat(planted.accidents()).isEmpty();
    }

    @Test
    void everyPageShowsThemAsText() {
        for (boolean guarded : List.of(false, true)) {
            Map<String, Set<Integer>> seen = new TreeMap<>();
            List<String> findings = new ArrayList<>();
            int looked = 0;
            for (String by : List.of("engineer", "owner", "security", "auditor", "admin", "operator")) {
                try (Witness witness = witness(by, guarded)) {
                    walk(witness, by, guarded);
                    findings.addAll(witness.findings());
                    witness.seen().forEach((route, numbers) -> seen.computeIfAbsent(route, key -> new TreeSet<>()).addAll(numbers));
                    looked += witness.looked();
                }
            }
            assertThat(findings).isEmpty();
            assertThat(report(guarded ? "with the policy" : "without the policy", seen, looked)).isGreaterThan(300);
        }
    }

    private void walk(Witness witness, String by, boolean guarded) {
        Set<String> open = new LinkedHashSet<>();
        for (Recipe recipe : Recipes.all()) {
            String pattern = recipe.route().replaceFirst("GET ", "");
            if (recipe.reads() && !recipe.isApi() && recipe.by().equals(by) && !NO_PAGES.contains(pattern)) {
                String path = Attacks.address(recipe.in(world.things()));
                witness.open(pattern, path);
                open.add(path);
                // Narrowed as the recipe narrows it, and all there is.
                String all = path.replaceFirst("\\?.*", "");
                if (open.add(all)) {
                    witness.open(pattern, all);
                }
                if (!guarded && !pattern.startsWith("/sign-in")) {
                    witness.swap(pattern, path);
                }
            }
        }
        if (!guarded) {
            List<String> linked = witness.links().stream().filter(link -> !open.contains(link) && !link.startsWith("/assets/") && !link.contains("export") && !link.endsWith("receipt")
                    && !link.startsWith("/api/") && !link.startsWith("/help")).toList();
            List<String> some = new ArrayList<>(linked);
            Collections.shuffle(some, new Random(SEED));
            some.stream().limit(LINKED).forEach(link -> witness.open("linked " + kind(link), link));
            witness.open("/help", "/help");
            // What a request says stands in its own page.
            wordy().forEach(number -> witness.skim("skimmed /requests/…", "/requests/" + number));
            some.stream().skip(LINKED).limit(SKIMMED).forEach(link -> witness.skim("skimmed " + kind(link), link));
        }
    }

    /// Requests whose reasons hold the most.
    private List<Long> wordy() {
        List<Long> numbers = new ArrayList<>();
        try (var connection = dev.countersign.portal.TestDatabase.server().connect(world.database());
                var statement = connection.prepareStatement("select number from access_request where tenant_id = ? and reason like '%pwned%' order by length(reason) desc, number limit ?")) {
            statement.setObject(1, world.tenant().tenant().id().value());
            statement.setInt(2, REQUESTS);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    numbers.add(rows.getLong(1));
                }
            }
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
        return numbers;
    }

    /// The room, and of a page about one thing which part of it.
    private static String kind(String link) {
        return link.replaceAll("\\?.*", "").replaceAll("/[^/]*[0-9%][^/]*", "/…").replaceAll("^(/[a-z-]+(?:/…)*(?:/[a-z-]+)?).*", "$1");
    }

    private int report(String how, Map<String, Set<Integer>> seen, int looked) {
        Set<String> triples = new TreeSet<>();
        Set<Integer> all = new TreeSet<>();
        seen.forEach((route, numbers) -> {
            all.addAll(numbers);
            planted.pairs(numbers).forEach(pair -> triples.add(route + " | " + pair));
        });
        Set<String> sinks = new TreeSet<>();
        all.stream().filter(number -> number < planted.count()).forEach(number -> sinks.add(planted.sink(number)));
        System.out.println("S6 " + how + ": " + looked + " pages and fragments looked at, " + all.size() + " payloads seen as text, from " + sinks.size() + " places, "
                + planted.pairs(all).size() + " of payload x place, " + triples.size() + " of payload x place x page");
        if (!how.equals("answers")) {
            System.out.println("S6   pages " + seen.entrySet().stream().filter(page -> !page.getValue().isEmpty()).map(page -> page.getKey() + " " + page.getValue().size()).toList());
        }
        System.out.println("S6   places " + sinks);
        // What a request says stands in its own page, and to those only links lead.
        if (how.equals("without the policy")) {
            assertThat(sinks).as("reasons of requests").containsAnyOf("many reason", "POST /requests reason");
        }
        assertThat(sinks).as(how + ": what must have been seen, or nothing was tried").containsAll(how.equals("answers") ? List.of("POST /requests ticket", "GET /find q", "POST /policies yaml") : SEEN);
        return triples.size();
    }

    /// What is refused is said again, in the form it came by.
    @Test
    void everyAnswerSaysThemAgainAsText() {
        List<String> findings = new ArrayList<>();
        Map<String, Set<Integer>> seen = new TreeMap<>();
        int looked;
        try (Witness witness = witness("admin", false)) {
            witness.open("/help", "/help");
            List<Map.Entry<String, Attacks.Answer>> pages = new ArrayList<>();
            planted.answers().forEach((route, answer) -> {
                String type = answer.headers().getOrDefault("Content-Type", "");
                if (type.startsWith("text/html")) {
                    witness.read(route, answer);
                    pages.add(Map.entry(route, answer));
                } else if (!type.matches("application/(problem\\+)?json.*|text/csv.*|application/x-ndjson.*|text/plain.*")) {
                    findings.add(route + " is " + type);
                }
            });
            Collections.shuffle(pages, new Random(SEED));
            pages.stream().limit(SHOWN).forEach(page -> witness.show(page.getKey(), page.getValue()));
            findings.addAll(witness.findings());
            looked = witness.looked();
            seen.putAll(witness.seen());
        }
        assertThat(findings).isEmpty();
        assertThat(report("answers", seen, looked)).isGreaterThan(3_000);
    }

    /// A file that somebody opens is no page: its type says so, and no browser guesses another.
    @Test
    void noExportIsTakenForAPage() {
        for (Recipe recipe : Recipes.all()) {
            if (recipe.route().startsWith("GET /audit/export.") || recipe.isApi() && recipe.reads()) {
                Attacks.Answer answer = attacks.send(recipe.in(world.things()), attacks.caller(world, recipe.by()));
                assertThat(answer.headers().get("Content-Type")).as(recipe.toString()).doesNotContain("html", "xml", "svg", "script");
                assertThat(answer.headers().get("X-Content-Type-Options")).isEqualTo("nosniff");
            }
        }
    }

    /// The three locks behind the first: htmx evaluates nothing and asks nobody else, the policy lets no text become code.
    @Test
    void nothingTurnsTextIntoCode() throws Exception {
        String policy = mvc.perform(get("/sign-in")).andReturn().getResponse().getHeader("Content-Security-Policy");
        assertThat(policy).contains("script-src 'self'", "require-trusted-types-for 'script'").doesNotContain("unsafe", "data:", "*");
        try (Witness witness = witness("engineer", true)) {
            witness.open("/help", "/help");
            assertThat(witness.ask("() => [htmx.config.allowEval, htmx.config.allowScriptTags, htmx.config.selfRequestsOnly]")).isEqualTo(List.of(false, false, true));
            assertThat(witness.findings()).isEmpty();
            for (String way : List.of(
                    "const script = document.createElement('script'); script.text = '__pwned(1)'; document.body.append(script)",
                    "const script = document.createElement('script'); script.src = '/pwned/1'; document.body.append(script)",
                    "const image = document.createElement('img'); image.setAttribute('onerror', '__pwned(1)'); image.src = 'x'; document.body.append(image)",
                    "document.body.insertAdjacentHTML('beforeend', '<svg onload=__pwned(1)>')",
                    "trustedTypes.createPolicy('another', {createScript: text => text})",
                    "location.href = 'javascript:__pwned(1)'")) {
                witness.ask("() => { try { " + way + " } catch { } }");
            }
            // A page's own way: in a module of ours, not from outside, where the policy does not reach.
            witness.ask("() => new Promise(done => setTimeout(done, 100))");
            assertThat(witness.findings()).isNotEmpty().noneMatch(found -> found.contains("a script ran"));
        }
    }

    /// Without this, what stands above could not fail: a page writes one text as it is, as `th:utext` would.
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '^', value = {
        "<script>__pwned(0)</script> ~ script ~ a script ran: 0 ~ the policy refused script-src",
        "<img src=x onerror=__pwned(0)> ~ attribute ~ a script ran: 0 ~ the policy refused script-src",
        "<pwned-0> ~ element ~ ~",
        "<a href=javascript:__pwned(0)>x</a> ~ address ~ ~",
        "<a href=//pwned0.example/>x</a> ~ address ~ ~",
        "<iframe srcdoc='<script>parent.__pwned(0)</script>'></iframe> ~ element ~ a script ran: 0 ~ the policy refused",
        "<!-- pwned0 --> ~ comment ~ ~",
        "x\" autofocus onfocus=\"__pwned(0) ~ attribute ~ a script ran: 0 ~ the policy refused script-src",
        "<div hx-get=/pwned/0 hx-trigger=load></div> ~ htmx ~ asked GET ~ asked GET",
        "<div data-hx-get=/pwned/0 data-hx-trigger=load></div> ~ htmx ~ asked GET ~ asked GET",
        "<div hx-get=/help hx-trigger=load hx-vals='js:{x:__pwned(0)}'></div> ~ htmx runs ~ ~",
        "<div hx-get=/help hx-trigger=load[__pwned(0)]></div> ~ htmx is told ~ ~",
        "<div hx-on:click=__pwned(0)>x</div> ~ attribute ~ ~",
        "<div hx-post=/sign-out hx-trigger=load></div> ~ asked POST ~ ~"
    })
    void aPageThatForgetsToEscapeIsFoundOut(String payload, String element, @Nullable String free, @Nullable String guarded) {
        world.token(world.tenant().person("engineer"), payload);
        for (boolean policy : List.of(false, true)) {
            for (boolean fragment : List.of(false, true)) {
                // htmx drops scripts and comments of what it puts in, by our configuration; the form of the search is no part of its fragment.
                if (fragment && (payload.startsWith("<script") || payload.startsWith("<!--") || payload.startsWith("x"))) {
                    continue;
                }
                // What a browser does by itself it does in a page and in a fragment, and so does the policy; htmx has ways of its own.
                if (fragment && (policy || !payload.startsWith("<div")) && !Attacks.FULL) {
                    continue;
                }
                try (Witness witness = new Witness(policy ? browser.open(base) : browser.unguarded(base), base, payload.contains("sign-out") ? newSession("engineer") : session("engineer"))) {
                    // As the value of an attribute, or as a text.
                    String path = payload.startsWith("x") ? "/find?q=" + URLEncoder.encode(payload, StandardCharsets.UTF_8) : "/me";
                    witness.spoil(path.replaceFirst("\\?.*", ""), html -> html.replace(HtmlUtils.htmlEscape(payload), payload));
                    if (fragment) {
                        witness.swap(path, path);
                    } else {
                        witness.open(path, path);
                    }
                    String findings = String.join("\n", witness.findings());
                    assertThat(findings).as(payload).contains(element);
                    String also = policy ? guarded : free;
                    if (also != null) {
                        assertThat(findings).as(payload).contains(also);
                    }
                }
            }
        }
    }
}
