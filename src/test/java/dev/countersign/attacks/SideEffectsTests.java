package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import jakarta.servlet.http.Cookie;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.web.servlet.MockMvc;

/// S5 by the tables: requests that are right in everything, sent for good in a way that must change nothing. All tables of the
/// tenant are compared before and after.
@PortalTest
class SideEffectsTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    FilterChainProxy filters;

    @Autowired
    CsrfTokenRepository tokens;

    @Autowired
    JdbcClient jdbc;

    private Attacks attacks;
    private World world;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        jdbc.sql("delete from sign_in_attempt").update();
        attacks = Attacks.on(context);
        world = attacks.ours();
    }

    private Set<String> changedBy(Supplier<Attacks.Answer> sent) {
        Snapshot before = snapshot();
        sent.get();
        return snapshot().changedSince(before);
    }

    private Snapshot snapshot() {
        return Snapshot.of(attacks.rooms().database(), world.tenant().tenant().id());
    }

    /// Sends each by GET and by HEAD and says what changed, by whom.
    private Map<String, Set<String>> changedBy(List<Recipe> recipes) {
        // The first time that a caller is named, a token is made.
        recipes.forEach(recipe -> attacks.caller(world, recipe.by()));
        Map<String, Set<String>> changed = new LinkedHashMap<>();
        Snapshot before = snapshot();
        for (Recipe recipe : recipes) {
            for (String method : List.of("GET", "HEAD")) {
                attacks.send(as(method, recipe), attacks.caller(world, recipe.by()));
            }
            Snapshot after = snapshot();
            Set<String> tables = after.changedSince(before);
            if (!tables.isEmpty()) {
                changed.put(recipe.toString(), tables);
            }
            before = after;
        }
        return changed;
    }

    @Test
    void readingChangesNothing() {
        List<Recipe> reads = Recipes.all().stream().filter(recipe -> recipe.reads() && !recipe.route().equals("GET /news")).map(recipe -> recipe.in(world.things())).toList();
        assertThat(changedBy(reads)).isEmpty();
        System.out.println("S5 " + 2 * reads.size() + " pages read by GET and HEAD");
    }

    /// Everything that a change takes, and the right token, by a method that only reads.
    @Test
    void noChangeGoesByAMethodThatReads() {
        List<Recipe> changes = Recipes.all().stream().filter(recipe -> !recipe.reads()).map(recipe -> recipe.in(world.things()).form("_method", "POST")
                .header("X-HTTP-Method-Override", "POST").header("X-HTTP-Method", "POST")).toList();
        assertThat(changedBy(changes)).isEmpty();
        System.out.println("S5 " + 2 * changes.size() + " changes asked for by GET and HEAD");
    }

    private static Recipe as(String method, Recipe recipe) {
        return new Recipe(method + recipe.route().substring(recipe.route().indexOf(' ')), recipe.by(), recipe.path(), recipe.form(), recipe.json(), recipe.headers(), recipe.lasting());
    }

    /// One way to forge a request that is right but for what a page of another site cannot know or say.
    private record Forgery(String name, java.util.function.UnaryOperator<Asked> way) {}

    @Test
    void noForgedRequestChangesAnything() throws Exception {
        Door door = new Door(mvc, filters, tokens);
        door.restore();
        Map<String, Set<String>> changed = new LinkedHashMap<>();
        Set<String> answered = new TreeSet<>();
        Set<String> routes = new TreeSet<>();
        int tried = 0;
        for (String by : List.of("engineer", "owner", "security", "admin", "operator")) {
            Cookie mine = signedIn(door, by);
            String page = by.equals("operator") ? "/operator" : "/me";
            String token = door.token(mine, page);
            Cookie ended = signedIn(door, by);
            String old = door.token(ended, page);
            mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-out").cookie(ended).param("_csrf", old));
            String another = door.token(signedIn(door, by.equals("engineer") ? "owner" : "engineer"), "/me");
            List<Forgery> forgeries = List.of(
                    new Forgery("no token", asked -> asked),
                    new Forgery("the token of an ended session", asked -> asked.param("_csrf", old)),
                    new Forgery("the token of an ended session in the header", asked -> asked.header("X-CSRF-TOKEN", old)),
                    new Forgery("another person's token", asked -> asked.param("_csrf", another)),
                    new Forgery("the right token from another site", asked -> asked.param("_csrf", token).header("Sec-Fetch-Site", "cross-site")),
                    new Forgery("the right token from a sister site", asked -> asked.param("_csrf", token).header("Sec-Fetch-Site", "same-site")),
                    new Forgery("a made up place", asked -> asked.param("_csrf", token).header("Sec-Fetch-Site", "Same-Origin, cross-site")),
                    new Forgery("text/plain", asked -> asked.contentType(org.springframework.http.MediaType.TEXT_PLAIN).content("_csrf=" + token)),
                    new Forgery("multipart", asked -> asked.contentType(org.springframework.http.MediaType.MULTIPART_FORM_DATA)),
                    new Forgery("as htmx would", asked -> asked.header("HX-Request", "true").header("X-Requested-With", "XMLHttpRequest")),
                    new Forgery("as another method", asked -> asked.param("_method", "GET").header("X-HTTP-Method-Override", "GET")),
                    new Forgery("a token of the wrong case", asked -> asked.param("_csrf", token.toUpperCase(java.util.Locale.ROOT))));
            for (Recipe recipe : Recipes.all()) {
                if (recipe.reads() || recipe.isApi() || !recipe.by().equals(by)) {
                    continue;
                }
                routes.add(recipe.route());
                Snapshot before = snapshot();
                for (Forgery forgery : forgeries) {
                    Attacks.Answer answer = attacks.send(recipe.in(world.things()), new Caller(by, asked -> forgery.way().apply(asked.cookie(mine))));
                    tried++;
                    if (answer.status() != 403) {
                        answered.add(recipe + " with " + forgery.name() + ": " + answer.status());
                    }
                }
                Set<String> tables = snapshot().changedSince(before);
                if (!tables.isEmpty()) {
                    changed.put(recipe.toString(), tables);
                }
            }
        }
        System.out.println("S5 " + tried + " forged requests to " + routes.size() + " routes");
        assertThat(answered).isEmpty();
        assertThat(changed).isEmpty();
    }

    /// A session is worth nothing to the API: what a browser adds by itself opens no door there.
    @Test
    void theApiKnowsNoSession() throws Exception {
        Door door = new Door(mvc, filters, tokens);
        door.restore();
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        for (String by : List.of("engineer", "owner", "admin", "auditor")) {
            Cookie mine = signedIn(door, by);
            String token = door.token(mine, "/me");
            Snapshot before = snapshot();
            for (Recipe recipe : Recipes.all()) {
                if (!recipe.isApi() || recipe.route().endsWith("/openapi.json")) {
                    continue;
                }
                Attacks.Answer answer = attacks.send(recipe.in(world.things()), new Caller(by, asked -> asked.cookie(mine).param("_csrf", token).header("X-CSRF-TOKEN", token)));
                tried++;
                if (answer.status() != 401) {
                    wrong.add(recipe + ": " + answer.status());
                }
            }
            wrong.addAll(snapshot().changedSince(before));
        }
        System.out.println("S5 " + tried + " calls of the API by sessions");
        assertThat(wrong).isEmpty();
    }

    private Cookie signedIn(Door door, String by) throws Exception {
        return door.signIn(by.equals("operator") ? by : by + "@" + world.tenant().tenant().slug(), by + " password");
    }

    /// Without these, what stands above could not fail: the same request with its own token does change the tables.
    @Test
    void theSameRequestWithItsOwnTokenChangesThem() throws Exception {
        Door door = new Door(mvc, filters, tokens);
        door.restore();
        Cookie mine = signedIn(door, "engineer");
        String token = door.token(mine, "/me");
        Recipe recipe = Recipes.byRoute().get("POST /me/tokens").getFirst();
        assertThat(changedBy(() -> attacks.send(recipe.in(world.things()), new Caller("engineer", asked -> asked.cookie(mine).param("_csrf", token)))))
                .anyMatch(table -> table.startsWith("api_token:"));
    }
}
