package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/// S1 and S3: a thing of another tenant is as if it did not exist. Every recipe, with each thing that it names (in the address,
/// in parameters, in members of the body) exchanged for one of another tenant, alone and all at once, by people of every role,
/// by tokens of every person and scope, by an operator and by nobody, with and without htmx. Nothing of that tenant may be read
/// back, nothing of it may change (every table that has tenants, as the superuser sees it), and status, headers and words are
/// those for a thing that nobody has. A build tries about 1,800 calls; all callers and spellings, more than 50,000, with
/// `-Dcountersign.attacks=full`.
@PortalTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForeignIdsTests {
    /// What names a thing; everything else in a world is a value. At the door by its identity provider a tenant shows itself to whoever
    /// types its name: that is what the door is for.
    private static final Set<String> VALUES = Set.of("reason", "rules", "plan", "until", "before", "after", "etag", "kubeconfig", "fresh", "tenant");

    /// Parts of addresses that are no name of a tenant's thing, and so have nothing foreign to be exchanged for: words of the
    /// program, places in a tenant's own list, numbers that every tenant's record counts from one.
    private static final Map<String, Set<Integer>> NAMELESS = Map.of(
            "/help/{code}", Set.of(0),
            "/assets/{digest}/{*path}", Set.of(0, 1),
            "/admin/rules/{place:[0-9]{1,2}}", Set.of(0),
            "/admin/rules/{place:[0-9]{1,2}}/move", Set.of(0),
            "/admin/rules/{place:[0-9]{1,2}}/removal", Set.of(0),
            "/audit/{seq:[0-9]{1,18}}/receipt", Set.of(0),
            "/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision:[0-9]{1,18}}/rollback", Set.of(3),
            "/api/v1/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision}/rollback", Set.of(3),
            "/api/v1/audit/tile/{level}/{*place}", Set.of(0, 1),
            "/api/v1/audit/log/tile/{level}/{*place}", Set.of(0, 1));

    /// Where a recipe names entry 1, for its own latest may not be sealed yet: here by theirs, which nobody else's record reaches.
    private static final List<Recipe> SEALED = List.of(
            Recipe.of("auditor", "GET /audit/{seq:[0-9]{1,18}}/receipt", "$entry"),
            Recipe.of("auditor:read", "GET /api/v1/audit/receipt").form("entry", "$entry"),
            Recipe.of("auditor:read", "GET /api/v1/audit/proofs/inclusion").form("entry", "$entry", "size", "2"),
            Recipe.of("auditor:read", "GET /api/v1/audit/proofs/consistency").form("from", "1", "to", "$entry"),
            Recipe.of("auditor:read", "GET /api/v1/audit/entries").form("after", "$entry", "limit", "10"));

    private Attacks attacks;
    private Map<String, String> ours;
    private Map<String, String> foreign;
    private Map<String, String> missing;
    private int calls;
    private final List<Runnable> later = new ArrayList<>();

    @BeforeEach
    void found(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
        ours = attacks.ours().things();
        foreign = attacks.theirs().things();
        missing = missing(foreign, attacks.theirs().word());
    }

    /// Names of the same form that nobody has.
    private static Map<String, String> missing(Map<String, String> foreign, String word) {
        Map<String, String> nobodys = new TreeMap<>();
        foreign.forEach((name, value) -> nobodys.put(name, VALUES.contains(name) ? value
                : value.matches("[0-9]+") ? Long.toString(Long.parseLong(value) + 900_000)
                : value.matches("[0-9a-f]{8}-[0-9a-f-]{27}") ? UUID.nameUUIDFromBytes(value.getBytes(StandardCharsets.UTF_8)).toString()
                : value.startsWith("sha256:") ? "sha256:" + new StringBuilder(value.substring(7)).reverse()
                : value.replace(word, World.nobodys(word))));
        return nobodys;
    }

    private static List<Set<String>> exchanges(Recipe recipe) {
        TreeSet<String> names = recipe.names();
        names.removeAll(VALUES);
        Set<Set<String>> exchanges = new LinkedHashSet<>();
        names.forEach(name -> exchanges.add(Set.of(name)));
        if (!names.isEmpty()) {
            exchanges.add(names);
        }
        return List.copyOf(exchanges);
    }

    /// Everyone in a full run; else the one for whom the request would be right, and two of the others by turns.
    private List<Caller> callers(Recipe recipe, int turn) {
        List<String> all = new ArrayList<>(recipe.isApi() ? Attacks.tokens() : Attacks.PEOPLE);
        all.add("anonymous");
        if (!recipe.isApi()) {
            all.add("operator");
        }
        all.remove(recipe.by());
        List<String> some = Attacks.FULL ? all : List.of(all.get(turn % all.size()), all.get((turn + 1) % all.size()));
        List<Caller> callers = new ArrayList<>(List.of(attacks.caller(recipe.by())));
        some.forEach(by -> callers.add(attacks.caller(by)));
        return callers;
    }

    private List<Recipe> dressed(Recipe recipe, String target) {
        if (recipe.isApi()) {
            return List.of(recipe);
        }
        Recipe htmx = recipe.header("HX-Request", "true").header("HX-Target", "request-" + target).header("HX-Current-URL", "http://localhost/requests/" + target);
        return recipe.headers().containsKey("HX-Request") ? List.of(htmx) : List.of(recipe, htmx);
    }

    @Test
    @Order(2)
    void aForeignThingIsAsIfItDidNotExist() {
        String database = attacks.rooms().database();
        Snapshot before = Snapshot.of(database, attacks.theirs().tenant().tenant().id());
        Set<String> leaks = new LinkedHashSet<>();
        int turn = 0;
        List<Recipe> recipes = new ArrayList<>(Recipes.all());
        recipes.addAll(SEALED);
        for (Recipe recipe : recipes) {
            for (Set<String> exchange : exchanges(recipe)) {
                List<Recipe> theirs = dressed(recipe.in(mixed(exchange, foreign)), foreign.get("request"));
                List<Recipe> nobodys = dressed(recipe.in(mixed(exchange, missing)), missing.get("request"));
                for (Caller caller : callers(recipe, turn++)) {
                    for (int i = 0; i < theirs.size(); i++) {
                        if (Attacks.FULL || (turn + i) % theirs.size() == 0) {
                            compare(recipe, exchange, caller, theirs.get(i), nobodys.get(i), leaks);
                        }
                    }
                }
            }
        }
        later.forEach(Runnable::run);
        calls += later.size();
        System.out.println("S1 S3 foreign things: " + calls + " calls");
        assertThat(leaks).isEmpty();
        assertThat(Snapshot.of(database, attacks.theirs().tenant().tenant().id()).changedSince(before)).as("what changed at the other tenant").isEmpty();
        assertThat(calls).isGreaterThan(Attacks.FULL ? 10_000 : 1_400);
    }

    /// A route that lands later is exchanged as well: whatever its address takes is named by its recipe, or said to be nameless above.
    @Test
    @Order(4)
    void everyPartOfAnAddressIsExchanged() {
        List<String> forgotten = new ArrayList<>();
        for (Recipe recipe : Recipes.all()) {
            Set<Integer> nameless = NAMELESS.getOrDefault(recipe.route().split(" ", 2)[1], Set.of());
            for (int at = 0; at < recipe.path().size(); at++) {
                if (!recipe.path().get(at).contains("$") && !nameless.contains(at)) {
                    forgotten.add(recipe.route() + " " + at);
                }
            }
        }
        assertThat(forgotten).isEmpty();
        assertThat(Recipes.byRoute().keySet().stream().map(route -> route.split(" ", 2)[1])).containsAll(NAMELESS.keySet());
    }

    /// What might change something is sent for good as well, when all is compared: the other tenant is looked at afterwards.
    private void compare(Recipe recipe, Set<String> exchange, Caller caller, Recipe theirs, Recipe nobodys, Set<String> leaks) {
        for (java.util.function.UnaryOperator<String> spelling : spellings()) {
            Recipe attack = theirs.with(text -> spelled(text, foreign, spelling));
            Attacks.Answer got = asked(attack, caller);
            Attacks.Answer none = asked(nobodys.with(text -> spelled(text, missing, spelling)), caller);
            calls += 2;
            if (!recipe.reads()) {
                later.add(() -> attacks.send(attack, caller));
            }
            String one = plain(got, foreign);
            String other = plain(none, missing);
            String what = recipe.route() + " as " + caller + " with the " + exchange + " of another tenant";
            if (one.contains(attacks.theirs().word())) {
                int at = one.indexOf(attacks.theirs().word());
                leaks.add(what + " says " + one.substring(Math.max(0, at - 60), Math.min(one.length(), at + 60)));
            }
            if (!recipe.names().contains("digest") && got.body().contains(foreign.get("digest"))) {
                leaks.add(what + " says the digest of a request");
            }
            if (!one.equals(other)) {
                int at = 0;
                while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
                    at++;
                }
                leaks.add(what + " differs from one that is missing: " + cut(one, at) + " | " + cut(other, at));
            }
        }
    }

    /// What might store our own words on our own pages is undone, so that both are asked in the same world.
    private Attacks.Answer asked(Recipe recipe, Caller caller) {
        return recipe.reads() ? attacks.send(recipe, caller) : attacks.undone(attacks.ours(), recipe, caller);
    }

    private static String cut(String text, int at) {
        return text.substring(Math.max(0, at - 40), Math.min(text.length(), at + 60)).replaceAll("\\s+", " ");
    }

    private static List<java.util.function.UnaryOperator<String>> spellings() {
        return Attacks.FULL
                ? List.of(java.util.function.UnaryOperator.identity(), id -> id.toUpperCase(java.util.Locale.ROOT), id -> " " + id + " ", id -> id.matches("[0-9]+") ? "0" + id : id + "%")
                : List.of(java.util.function.UnaryOperator.identity());
    }

    private static String spelled(String text, Map<String, String> things, java.util.function.UnaryOperator<String> spelling) {
        return things.entrySet().stream().anyMatch(thing -> !VALUES.contains(thing.getKey()) && thing.getValue().equals(text)) ? spelling.apply(text) : text;
    }

    private Map<String, String> mixed(Set<String> exchange, Map<String, String> from) {
        Map<String, String> mixed = new LinkedHashMap<>(ours);
        exchange.forEach(name -> mixed.put(name, from.get(name)));
        return mixed;
    }

    /// Lists, searches, exports and what nobody names: nothing of the other tenant on any page of ours, for anybody.
    /// First: what we typed ourselves may be on our pages afterwards.
    @Test
    @Order(1)
    void noPageOfOursSaysAWordOfTheirs() {
        Set<String> leaks = new LinkedHashSet<>();
        int pages = 0;
        for (Recipe recipe : Recipes.all()) {
            if (!recipe.reads()) {
                continue;
            }
            for (String by : recipe.isApi() ? List.of("admin:all") : List.of("auditor", "admin")) {
                Recipe asked = by.equals("auditor") ? recipe.in(ours) : Recipe.of(by, recipe.route(), recipe.in(ours).path().toArray(String[]::new));
                String body = attacks.send(asked, attacks.caller(by)).body();
                pages++;
                if (body.contains(attacks.theirs().word()) || body.contains(foreign.get("digest")) || body.contains(foreign.get("teamId"))) {
                    leaks.add(recipe.route() + " as " + by);
                }
            }
        }
        System.out.println("S1 pages of ours: " + pages);
        assertThat(leaks).isEmpty();
    }

    /// Without this the others could not fail: for its own people every one of these requests finds what it names.
    @Test
    @Order(3)
    void theThingsAreThereForTheirOwners() {
        List<String> lost = new ArrayList<>();
        for (Recipe recipe : Recipes.all()) {
            if (recipe.reads() && !exchanges(recipe).isEmpty() && !recipe.path().isEmpty()) {
                int status = attacks.send(recipe.in(foreign), attacks.caller(attacks.theirs(), recipe.by())).status();
                int stranger = attacks.send(recipe.in(foreign), attacks.caller(recipe.by())).status();
                if (status >= 400) {
                    lost.add(recipe.route() + " " + status);
                }
                assertThat(stranger).as(recipe.route()).isNotEqualTo(403);
            }
        }
        assertThat(lost).isEmpty();
    }

    /// Without what was asked, and without what differs between any two answers.
    private static String plain(Attacks.Answer answer, Map<String, String> asked) {
        TreeMap<String, String> headers = new TreeMap<>(answer.headers());
        // A length says what the body says, or it says something of its own; a new session or token is another at every turn, its name and what it may do are not.
        headers.replace("Content-Length", Integer.toString(answer.body().getBytes(StandardCharsets.UTF_8).length), "that of the body");
        headers.computeIfPresent("Set-Cookie", (name, cookie) -> cookie.replaceAll("(countersign[a-z-]*)=[^;]+", "$1=VALUE").replaceAll("Expires=[^;,]*,[^;,]*", "Expires=WHEN"));
        String text = (answer.status() + " " + headers + "\n" + answer.body())
                .replaceAll("name=\"csrf\" content=\"[^\"]*\"", "").replaceAll("name=\"_csrf\"( type=\"hidden\")? value=\"[^\"]*\"", "")
                .replaceAll("[Rr]eference\\W+(<[^>]*>)?[0-9a-f]{8}", "")
                // Over what we sent ourselves.
                .replaceAll("sha256:[0-9a-f]{64}", "DIGEST")
                // The one-time key of a form.
                .replaceAll("name=\"key\" value=\"[^\"]*\"", "");
        for (String value : asked.entrySet().stream().filter(thing -> !VALUES.contains(thing.getKey())).map(Map.Entry::getValue)
                .sorted(Comparator.comparing(String::length).reversed()).toList()) {
            text = value.matches("[0-9]+")
                    ? text.replaceAll("(?<![-.0-9A-Za-z])r?0?" + value + "(?![-.0-9A-Za-z])", "ID")
                    : text.replace(value, "ID").replace(value.toUpperCase(java.util.Locale.ROOT), "ID");
        }
        return text;
    }
}
