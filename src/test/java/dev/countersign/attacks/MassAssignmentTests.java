package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import jakarta.persistence.Entity;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/// S18: nobody assigns what a form or a body was not made for. Names: every column of every table, in both spellings, and every
/// property of every record and entity of the program, alone, dotted behind the things that have them, indexed and marked as
/// Spring marks fields. A JSON body refuses each of them at its pointer, in every object that it has. A form ignores them: what
/// then stands in the tables is what stands there without them (row by row, apart from columns that differ between any two runs),
/// as many rows of each table were written, and nothing of the other tenant changed. With `-Dcountersign.attacks=full` every
/// object of a body meets every name, and forms meet them in small groups.
@PortalTest
class MassAssignmentTests {
    private static final JsonMapper JSON = new JsonMapper();

    /// A refusal points at so many unknown members of one object at most.
    private static final int POINTERS = 10;
    private static final int GROUP = Attacks.FULL ? 20 : 400;

    /// Objects that have members of any name: headers of a call, labels of pods. What is in them is a value.
    private static final Set<String> MAPS = Set.of("POST /api/v1/simulations /call/headers", "POST /api/v1/comparisons /to/labels");

    /// An object of Istio: its unknown members are findings.
    private static final String ISTIO = "POST /api/v1/policies/validation";

    /// Members that a body may have and no recipe has there.
    private static final Map<String, Set<String>> MORE = Map.of("POST /api/v1/comparisons /before", Set.of("yaml"), "POST /api/v1/comparisons /after", Set.of("policies"),
            // By its kind the body is known to be an Ask alone.
            "PUT /api/v1/access-requests/{number}/ask ", Set.of("kind"));

    @Autowired
    JdbcClient jdbc;

    private Attacks attacks;
    private List<String> names;
    private Snapshot theirs;

    @BeforeEach
    void look(@Autowired ApplicationContext context) throws Exception {
        attacks = Attacks.on(context);
        names = names();
        // Tokens are issued before the tables are looked at.
        Recipes.all().forEach(recipe -> attacks.caller(recipe.by()));
        theirs = Snapshot.of(attacks.rooms().database(), attacks.theirs().tenant().tenant().id());
    }

    private List<String> names() throws IOException {
        Set<String> plain = new TreeSet<>(jdbc.sql("select distinct column_name from information_schema.columns where table_schema = 'public'").query(String.class).list());
        plain.addAll(plain.stream().map(MassAssignmentTests::camel).toList());
        for (Resource file : new PathMatchingResourcePatternResolver().getResources("classpath*:dev/countersign/**/*.class")) {
            String path = file.getURL().toString();
            if (!path.contains("test-classes") && !path.endsWith("package-info.class")) {
                properties(path.substring(path.lastIndexOf("dev/countersign/")).replace('/', '.').replaceAll("\\.class$", ""), plain);
            }
        }
        List<String> all = new ArrayList<>(plain);
        for (String name : List.of("tenantId", "tenant_id", "id", "state", "status", "role", "roles", "version", "number", "digest", "approvedBy")) {
            Stream.of("ask.", "person.", "tenant.", "request.", "entity.", "form.").forEach(owner -> all.add(owner + name));
            all.addAll(List.of("person[" + name + "]", "person." + name + "[0]", "ask[0]." + name, "_" + name, "!" + name, name + "[]", name + "[0].id"));
        }
        all.addAll(List.of("approvedBy", "permissions", "authorities", "class.module.classLoader.resources", "class", "__proto__", "constructor", "@type", "$type", "_class"));
        return List.copyOf(new LinkedHashSet<>(all));
    }

    private static void properties(String type, Set<String> into) {
        try {
            Class<?> found = Class.forName(type, false, MassAssignmentTests.class.getClassLoader());
            if (found.isRecord()) {
                Stream.of(found.getRecordComponents()).map(RecordComponent::getName).forEach(into::add);
            } else if (found.isAnnotationPresent(Entity.class)) {
                Stream.of(found.getDeclaredFields()).map(Field::getName).forEach(into::add);
            }
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            throw new IllegalStateException(type, e);
        }
    }

    private static String camel(String column) {
        String[] parts = column.split("_");
        return parts[0] + Stream.of(parts).skip(1).filter(part -> !part.isEmpty()).map(part -> Character.toUpperCase(part.charAt(0)) + part.substring(1)).collect(Collectors.joining());
    }

    /// What would hurt most.
    private String value(String name) {
        String low = name.toLowerCase(java.util.Locale.ROOT);
        return low.contains("tenant") ? attacks.theirs().tenant().tenant().id().toString()
                : low.contains("role") ? "ADMINISTRATOR"
                : low.contains("state") || low.contains("status") || low.contains("decision") ? "APPROVED"
                : low.contains("person") || low.endsWith("by") ? attacks.theirs().things().get("personId")
                : low.contains("number") || low.contains("version") || low.contains("seq") ? "7"
                : low.contains("at") ? "2001-01-01T00:00:00Z"
                : "true";
    }

    // --- bodies ---

    @Test
    void aBodyRefusesEveryNameThatItWasNotMadeFor() {
        Snapshot ours = Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id());
        Set<String> taken = new TreeSet<>();
        int tried = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.json().isEmpty() || recipe.route().equals(ISTIO)) {
                continue;
            }
            List<String> places = places(recipe.json().get(), "");
            for (int place = 0; place < places.size(); place++) {
                String pointer = places.get(place);
                if (MAPS.contains(recipe.route() + " " + pointer)) {
                    continue;
                }
                Set<String> known = known(recipe.route(), pointer);
                for (int from = 0, group = 0; from < names.size(); from += POINTERS, group++) {
                    if (Attacks.FULL || group % places.size() == place) {
                        List<String> some = names.subList(from, Math.min(from + POINTERS, names.size())).stream().filter(name -> !known.contains(name)).toList();
                        taken.addAll(taken(recipe, place, pointer, some));
                        tried += some.size();
                    }
                }
            }
        }
        System.out.println("S18 members: " + tried + " tried, " + names.size() + " names");
        assertThat(taken).as("members that were taken").isEmpty();
        assertThat(tried).isGreaterThan(10_000);
        assertThat(Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id()).changedSince(ours))
                .filteredOn(change -> !change.toString().startsWith("request_standing")).isEmpty();
        untouched();
    }

    private List<String> taken(Recipe recipe, int place, String pointer, List<String> some) {
        Recipe asked = recipe.in(attacks.ours().things());
        Object body = asked.json().orElseThrow();
        for (String name : some) {
            body = asked.json(body).bodiesWith(name, value(name)).get(place);
        }
        Attacks.Answer answer = attacks.undone(attacks.ours(), asked.json(body), attacks.caller(recipe.by()));
        return some.stream()
                .filter(name -> answer.status() != 422 || !answer.body().contains("\"pointer\":\"" + pointer + "/" + JSON.writeValueAsString(escaped(name)).substring(1)))
                .map(name -> recipe.route() + " " + pointer + "/" + name + ": " + answer.status()).toList();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /// Pointers of the objects of a body, in the order of `Recipe.bodiesWith`.
    private static List<String> places(Object value, String here) {
        List<String> places = new ArrayList<>();
        switch (value) {
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    places.addAll(places(list.get(i), here + "/" + i));
                }
            }
            case Map<?, ?> map -> {
                places.add(here);
                map.forEach((name, item) -> places.addAll(places(item, here + "/" + name)));
            }
            default -> {}
        }
        return places;
    }

    /// What the recipes of the route have at this place.
    private static Set<String> known(String route, String pointer) {
        Set<String> known = new TreeSet<>(MORE.getOrDefault(route + " " + pointer, Set.of()));
        Recipes.byRoute().get(route).forEach(recipe -> {
            Object at = recipe.json().orElse(Map.of());
            for (String part : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/")) {
                at = at instanceof List<?> list && list.size() > Integer.parseInt(part) ? list.get(Integer.parseInt(part)) : at instanceof Map<?, ?> map ? map.get(part) : null;
            }
            if (at instanceof Map<?, ?> map) {
                map.keySet().forEach(name -> known.add((String) name));
            }
        });
        return known;
    }

    @Test
    void theApiTakesNoneOfThemBehindTheQuestionMark() {
        List<String> taken = new ArrayList<>();
        for (Recipe recipe : Recipes.all()) {
            if (recipe.isApi() && !recipe.reads()) {
                for (String name : List.of("tenantId", "tenant_id", "state", "role", "version", "number", "digest", "approvedBy", "ask.tenantId", "person.roles[0]")) {
                    int status = attacks.undone(attacks.ours(), recipe.in(attacks.ours().things()).form(name, value(name)), attacks.caller(recipe.by())).status();
                    if (status != 422) {
                        taken.add(recipe.route() + "?" + name + ": " + status);
                    }
                }
            }
        }
        assertThat(taken).isEmpty();
        untouched();
    }

    // --- forms ---

    /// What a request did: how many rows of each table it wrote, and what the tables that it wrote to hold then.
    private record Outcome(int status, String location, Map<String, String> written, Map<String, List<Map<String, String>>> rows) {}

    @Test
    void aFormDoesTheSameWithThemAsWithoutThem() {
        Set<String> different = new LinkedHashSet<>();
        int tried = 0;
        int writing = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.reads() || recipe.isApi() || recipe.lasting()) {
                continue;
            }
            Set<String> fields = Recipes.byRoute().get(recipe.route()).stream().flatMap(one -> one.form().keySet().stream()).collect(Collectors.toSet());
            List<String> foreign = names.stream().filter(name -> !fields.contains(name)).toList();
            Recipe plain = recipe.in(attacks.ours().things());
            Outcome first = outcome(plain);
            Outcome second = outcome(plain);
            writing += first.written().isEmpty() ? 0 : 1;
            for (int from = 0; from < foreign.size(); from += GROUP) {
                List<String> some = foreign.subList(from, Math.min(from + GROUP, foreign.size()));
                Set<String> seen = differences(first, second, outcome(adorned(plain, some)));
                if (!seen.isEmpty()) {
                    // Machines of the portal work meanwhile: what they changed differs once.
                    seen = differences(outcome(plain), outcome(plain), outcome(adorned(plain, some)));
                }
                if (!seen.isEmpty()) {
                    different.add(recipe.route() + " with " + some.getFirst() + " to " + some.getLast() + ": " + seen);
                }
                tried += some.size();
            }
        }
        System.out.println("S18 fields: " + tried + " tried, " + writing + " forms that write");
        assertThat(different).isEmpty();
        assertThat(tried).isGreaterThan(20_000);
        assertThat(writing).isGreaterThan(15);
        untouched();
    }

    /// What works in transactions of its own is tried with all names at once, on a spare world. A retirement is taken once only.
    @Test
    void aFormOfWhichNothingCanBeUndoneAnswersTheSame() {
        Snapshot ours = Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id());
        Map<String, String> different = new TreeMap<>();
        for (Recipe recipe : Recipes.all()) {
            if (recipe.lasting() && !recipe.route().endsWith("/retirement")) {
                Set<String> fields = recipe.form().keySet();
                Attacks.Answer with = attacks.send(adorned(recipe.in(attacks.spare().things()), names.stream().filter(name -> !fields.contains(name)).toList()),
                        attacks.caller(attacks.spare(), recipe.by()));
                Attacks.Answer without = attacks.send(recipe.in(attacks.spare().things()), attacks.caller(attacks.spare(), recipe.by()));
                if (with.status() != without.status()) {
                    different.put(recipe.route(), with.status() + " and " + without.status());
                }
            }
        }
        assertThat(different).isEmpty();
        assertThat(Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id()).changedSince(ours))
                .filteredOn(change -> !change.toString().startsWith("request_standing")).isEmpty();
        untouched();
    }

    private void untouched() {
        assertThat(Snapshot.of(attacks.rooms().database(), attacks.theirs().tenant().tenant().id()).changedSince(theirs)).as("at the other tenant")
                // What the queue says is reckoned again by the portal's own clock.
                .filteredOn(change -> !change.toString().startsWith("request_standing")).isEmpty();
    }

    private Recipe adorned(Recipe recipe, List<String> some) {
        Recipe adorned = recipe;
        Map<String, List<String>> form = new LinkedHashMap<>(recipe.form());
        some.forEach(name -> form.put(name, List.of(value(name))));
        return new Recipe(adorned.route(), adorned.by(), adorned.path(), form, adorned.json(), adorned.headers(), adorned.lasting())
                .header("X-Tenant-Id", attacks.theirs().tenant().tenant().id().toString());
    }

    private Outcome outcome(Recipe recipe) {
        return attacks.undone(attacks.ours(), () -> {
            Map<String, String> before = written();
            Attacks.Answer answer = attacks.send(recipe, attacks.caller(recipe.by()));
            Map<String, String> written = written();
            written.entrySet().removeIf(table -> table.getValue().equals(before.get(table.getKey())));
            Map<String, List<Map<String, String>>> rows = new TreeMap<>();
            written.keySet().forEach(table -> rows.put(table, rows(table)));
            Map<String, String> counts = new TreeMap<>();
            written.forEach((table, count) -> counts.put(table, more(before.getOrDefault(table, "0 0 0"), count)));
            return new Outcome(answer.status(), answer.headers().getOrDefault("Location", ""), counts, rows);
        });
    }

    /// Whatever row-level security lets us see: what this transaction, and what of this connection is not yet summed up, wrote.
    private Map<String, String> written() {
        Map<String, String> written = new TreeMap<>();
        jdbc.sql("""
                select relname, n_tup_ins || ' ' || n_tup_upd || ' ' || n_tup_del
                from pg_stat_xact_user_tables
                where n_tup_ins + n_tup_upd + n_tup_del > 0
                  and relname not like 'spring_session%'""").query(row -> {
            written.put(row.getString(1), row.getString(2));
        });
        return written;
    }

    private static String more(String before, String after) {
        String[] one = before.split(" ");
        String[] other = after.split(" ");
        return Long.parseLong(other[0]) - Long.parseLong(one[0]) + " inserted, " + (Long.parseLong(other[1]) - Long.parseLong(one[1])) + " updated, "
                + (Long.parseLong(other[2]) - Long.parseLong(one[2])) + " deleted";
    }

    private List<Map<String, String>> rows(String table) {
        List<Map<String, String>> rows = new ArrayList<>();
        jdbc.sql("select to_jsonb(t)::text from \"" + table + "\" t").query(row -> {
            Map<String, String> cells = new TreeMap<>();
            JSON.readTree(row.getString(1)).properties().forEach(cell -> cells.put(cell.getKey(), cell.getValue().toString()));
            rows.add(cells);
        });
        return rows;
    }

    private static Set<String> differences(Outcome first, Outcome second, Outcome adorned) {
        Set<String> different = new LinkedHashSet<>();
        if (adorned.status() != first.status()) {
            different.add("status " + adorned.status() + ", not " + first.status());
        }
        if (!adorned.location().equals(first.location()) && first.location().equals(second.location())) {
            different.add("leads to " + adorned.location() + ", not " + first.location());
        }
        if (!adorned.written().equals(first.written())) {
            different.add("wrote " + adorned.written() + ", not " + first.written());
            return different;
        }
        first.rows().forEach((table, rows) -> {
            Set<String> columns = new TreeSet<>(rows.stream().flatMap(row -> row.keySet().stream()).toList());
            columns.removeIf(column -> !bag(rows, Set.of(column)).equals(bag(second.rows().getOrDefault(table, List.of()), Set.of(column))));
            List<String> with = bag(adorned.rows().get(table), columns);
            List<String> without = bag(rows, columns);
            if (!with.equals(without)) {
                List<String> gained = new ArrayList<>(with);
                without.forEach(gained::remove);
                different.add(table + " holds " + gained);
            }
        });
        return different;
    }

    private static List<String> bag(List<Map<String, String>> rows, Set<String> columns) {
        return rows.stream().map(row -> columns.stream().map(column -> column + "=" + row.get(column)).collect(Collectors.joining(" "))).sorted().toList();
    }
}
