package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.StatementRecorder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.web.util.UriUtils;

/// S36: what people send never becomes part of a statement. Every text of every recipe (path, parameters, members, headers) is
/// exchanged for attacks on SQL, JPQL, ORDER BY, LIKE, full-text queries, JSON paths and `set_config`. The set of statements that
/// the driver is asked, literals and all, is closed: nothing is in it that harmless texts in the same places do not ask, the
/// attack's own letters and digits among them. None contains a word of the attack, none ends in an accident, the tenant of the
/// transaction stays, nothing of the other tenant is read or changed. A build tries two attacks at each place, by turns; all of
/// them, with `-Dcountersign.attacks=full`.
@PortalTest
class InjectionTests {
    /// In every attack, and in no statement.
    private static final String MARK = "zqxvj";

    private static final List<String> HARMLESS = List.of("plain", "7", "", "two words", "x".repeat(300));

    private static final List<String> ATTACKS = List.of(
            "'" + MARK, "\"" + MARK, "' or '" + MARK + "'='" + MARK, "'; drop table audit_entry; --" + MARK, "' union select password_hash from person --" + MARK, "\\' or 1=1 --" + MARK,
            "1 or 1=1 --" + MARK, "1; select pg_sleep(5) --" + MARK, "(select 1)" + MARK, "$$" + MARK + "$$", "$1 " + MARK, ":tenant " + MARK, "? " + MARK, "?::" + MARK, "{fn " + MARK + "()}", "/*" + MARK, "*/" + MARK,
            "number desc, (select 1) --" + MARK, MARK + " nulls first; --", "case when 1=1 then 1 else 2 end " + MARK,
            "%" + MARK, "_" + MARK + "%", "\\%" + MARK, "[a-z]" + MARK, "^" + MARK + "$",
            "a & b | !(" + MARK, MARK + ":*", "\"" + MARK + " -or", "' | '" + MARK + ":A", "<-> " + MARK, "-" + MARK + " or -x",
            "$.a ? (@ == \"" + MARK + "\")", "{\"a\":\"" + MARK + "\"}", "$[*]." + MARK, "'->>'" + MARK,
            "' || set_config('app.tenant', '00000000-0000-0000-0000-000000000000', true) || '" + MARK, "', true); select set_config('app.tenant', '" + MARK + "', false); --",
            "new java.lang.String('" + MARK + "')", "' and 1=function('pg_sleep', 5) and '" + MARK + "'='", MARK + "\u2019 or 1=1 --", MARK + "\u02BC; --", "\uFF07" + MARK);

    private Attacks attacks;
    /// A tenant whose words nobody typed yet: others may have typed those of the usual one, and then they stand on our pages.
    private World theirs;
    private final Set<String> harmless = new TreeSet<>();
    private final Set<String> wrong = new LinkedHashSet<>();

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
        theirs = World.found(attacks.rooms(), "npqrs", 0);
    }

    @AfterEach
    void leave() {
        theirs.close();
    }

    @Test
    void noStatementKnowsWhatWasSent() {
        Snapshot before = Snapshot.of(attacks.rooms().database(), theirs.tenant().tenant().id());
        List<Recipe> recipes = Recipes.all().stream().filter(recipe -> !recipe.lasting() && !recipe.route().equals("GET /news")).map(recipe -> recipe.in(attacks.ours().things())).toList();
        int turn = 0;
        for (Recipe recipe : recipes) {
            harmless.addAll(asked(recipe));
            for (String text : HARMLESS) {
                for (Recipe changed : recipe.each(was -> text)) {
                    if (Attacks.FULL || turn++ % 2 == 0) {
                        harmless.addAll(asked(changed));
                    }
                }
            }
        }
        int tried = 0;
        Set<String> more = new TreeSet<>();
        for (Recipe recipe : recipes) {
            for (int place = 0; place < recipe.count(); place++) {
                for (int i = 0; i < (Attacks.FULL ? ATTACKS.size() : 2); i++) {
                    String attack = ATTACKS.get(turn++ % ATTACKS.size());
                    Set<String> statements = asked(recipe.each(was -> placed(was, attack)).get(place));
                    if (!harmless.containsAll(statements)) {
                        harmless.addAll(asked(recipe.each(was -> placed(was, attack).replaceAll("[^a-zA-Z0-9 ]", "q").replace(MARK, "plain")).get(place)));
                    }
                    more.addAll(statements);
                    tried++;
                }
            }
        }
        more.removeAll(harmless);
        System.out.println("S36 attacks: " + tried + ", statements: " + harmless.size());
        assertThat(wrong).isEmpty();
        assertThat(more).as("statements that harmless texts do not ask").isEmpty();
        assertThat(harmless).hasSizeGreaterThan(100);
        assertThat(tried).isGreaterThan(700);
        assertThat(Snapshot.of(attacks.rooms().database(), theirs.tenant().tenant().id()).changedSince(before))
                // What the queue says is reckoned again by the portal's own clock.
                .filteredOn(change -> !change.toString().startsWith("request_standing")).isEmpty();
    }

    /// Alone, and behind what was right.
    private static String placed(String was, String attack) {
        return attack.length() % 2 == 0 ? attack : was + attack;
    }

    private Set<String> asked(Recipe recipe) {
        List<String> statements = new ArrayList<>();
        attacks.undone(attacks.ours(), () -> {
            try {
                StatementRecorder.Recording recording = StatementRecorder.during(() -> {
                    Attacks.Answer answer = attacks.send(written(recipe), attacks.caller(recipe.by()));
                    if (answer.status() >= 500) {
                        wrong.add(answer.status() + " " + recipe.route() + " " + recipe.path() + " " + recipe.form());
                    }
                    if (answer.body().contains(theirs.word())) {
                        wrong.add("reads the other tenant: " + recipe.route() + " " + recipe.path() + " " + recipe.form());
                    }
                    return answer;
                });
                statements.addAll(recording.statements());
                String tenant = attacks.rooms().jdbc().sql("select current_setting('app.tenant')").query(String.class).single();
                if (!tenant.equals(attacks.ours().tenant().tenant().id().toString())) {
                    wrong.add("the tenant became " + tenant + ": " + recipe.route());
                }
            } catch (Exception e) {
                wrong.add(recipe.route() + " " + recipe.path() + " " + recipe.form() + ": " + e);
            }
            return true;
        });
        Set<String> normal = new TreeSet<>();
        statements.forEach(statement -> {
            if (statement.contains(MARK)) {
                wrong.add("a statement of " + recipe.route() + " says " + statement);
            }
            normal.add(StatementRecorder.normal(statement));
        });
        return normal;
    }

    /// The rest of an address is put in as it is: here it has to be written as one.
    private static Recipe written(Recipe recipe) {
        if (!recipe.route().contains("{*")) {
            return recipe;
        }
        List<String> path = new ArrayList<>(recipe.path());
        path.set(path.size() - 1, UriUtils.encodePath(path.getLast(), StandardCharsets.UTF_8));
        return new Recipe(recipe.route(), recipe.by(), path, recipe.form(), recipe.json(), recipe.headers(), recipe.lasting());
    }

    /// LIKE: signs that stand for anything find nothing. (With most of a name behind them they do: the search forgives typing errors.)
    @Test
    void signsThatStandForAnythingFindNothing() {
        List<String> found = new ArrayList<>();
        for (String route : List.of("GET /services", "GET /services/options", "GET /find", "GET /api/v1/services", "GET /admin/people")) {
            Recipe recipe = Recipes.byRoute().get(route).getFirst();
            for (String sign : List.of("%", "_", "%%", "__", "\\%", "%_%", "[a-z]%")) {
                Recipe asked = Recipe.of(recipe.by(), route).form("q", sign);
                for (var header : recipe.headers().entrySet()) {
                    asked = asked.header(header.getKey(), header.getValue());
                }
                String body = attacks.send(asked, attacks.caller(recipe.by())).body().replace(sign, "");
                if (body.contains(attacks.ours().things().get("workload")) || body.contains(attacks.ours().things().get("person"))) {
                    found.add(route + "?q=" + sign);
                }
            }
        }
        assertThat(found).isEmpty();
    }
}
