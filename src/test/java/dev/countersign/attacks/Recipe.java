package dev.countersign.attacks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One right request to one route: who may send it and everything it takes. Texts name things of a world by `$`, as `$request`
/// or `$cluster/$namespace`. An attack is a recipe with one thing changed, so that everything else is in order and it is this
/// one thing that is refused.
///
/// - `by`: the person (`engineer`, ...), `operator`, or the scope of an API token with its person (`engineer:request`).
/// - `path`: values of the variables, in order. `form`: parameters. `json`: the body, maps and lists and texts.
record Recipe(String route, String by, List<String> path, Map<String, List<String>> form, Optional<Object> json, Map<String, String> headers, boolean lasting) {
    private static final Pattern NAMED = Pattern.compile("\\$([A-Za-z]+)");

    static Recipe of(String by, String route, String... path) {
        return new Recipe(route, by, List.of(path), Map.of(), Optional.empty(), Map.of(), false);
    }

    /// Names and values in turn; a name that stands twice has two values.
    Recipe form(String... sent) {
        Map<String, List<String>> more = new LinkedHashMap<>(form);
        for (int i = 0; i < sent.length; i += 2) {
            more.merge(sent[i], List.of(sent[i + 1]), Recipe::joined);
        }
        return new Recipe(route, by, path, more, json, headers, lasting);
    }

    Recipe json(Object body) {
        return new Recipe(route, by, path, form, Optional.of(body), headers, lasting);
    }

    Recipe header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Recipe(route, by, path, form, json, more, lasting);
    }

    /// Of what works in transactions of its own, so that nobody can undo it.
    Recipe lasts() {
        return new Recipe(route, by, path, form, json, headers, true);
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    boolean reads() {
        return route.startsWith("GET ") || route.startsWith("HEAD ");
    }

    boolean isApi() {
        return route.contains(" /api/");
    }

    /// Things of a world that this request names.
    TreeSet<String> names() {
        TreeSet<String> names = new TreeSet<>();
        with(text -> {
            Matcher found = NAMED.matcher(text);
            while (found.find()) {
                names.add(found.group(1));
            }
            return text;
        });
        return names;
    }

    /// With the things of a world put in.
    Recipe in(Map<String, String> world) {
        return with(text -> NAMED.matcher(text).replaceAll(found ->
                Matcher.quoteReplacement(Optional.ofNullable(world.get(found.group(1))).orElseThrow(() -> new IllegalStateException("no " + found.group(1))))));
    }

    Recipe with(UnaryOperator<String> change) {
        Map<String, List<String>> changed = new LinkedHashMap<>();
        form.forEach((name, values) -> changed.put(name, values.stream().map(change).toList()));
        Map<String, String> said = new LinkedHashMap<>();
        headers.forEach((name, value) -> said.put(name, change.apply(value)));
        return new Recipe(route, by, path.stream().map(change).toList(), changed, json.map(body -> changed(body, change)), said, lasting);
    }

    private static Object changed(Object value, UnaryOperator<String> change) {
        return switch (value) {
            case String text -> change.apply(text);
            case List<?> list -> list.stream().map(item -> changed(item, change)).toList();
            case Map<?, ?> map -> {
                Map<String, Object> all = new LinkedHashMap<>();
                map.forEach((name, item) -> all.put((String) name, changed(item, change)));
                yield all;
            }
            default -> value;
        };
    }

    /// The same request with one place changed, for every place that takes a text: path variables, parameters, members of the
    /// body, headers that the recipe has.
    List<Recipe> each(UnaryOperator<String> change) {
        int places = count();
        List<Recipe> all = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            int place = i;
            int[] at = {0};
            all.add(with(text -> at[0]++ == place ? change.apply(text) : text));
        }
        return all;
    }

    int count() {
        int[] places = {0};
        with(text -> {
            places[0]++;
            return text;
        });
        return places[0];
    }

    /// The body with one more member, in every object of it in turn.
    List<Object> bodiesWith(String name, Object value) {
        List<Object> all = new ArrayList<>();
        json.ifPresent(body -> {
            int objects = objects(body);
            for (int i = 0; i < objects; i++) {
                all.add(planted(body, i, new int[] {0}, name, value));
            }
        });
        return all;
    }

    private static int objects(Object value) {
        return switch (value) {
            case List<?> list -> list.stream().mapToInt(Recipe::objects).sum();
            case Map<?, ?> map -> 1 + map.values().stream().mapToInt(Recipe::objects).sum();
            default -> 0;
        };
    }

    private static Object planted(Object value, int place, int[] at, String name, Object more) {
        return switch (value) {
            case List<?> list -> list.stream().map(item -> planted(item, place, at, name, more)).toList();
            case Map<?, ?> map -> {
                boolean here = at[0]++ == place;
                Map<String, Object> all = new LinkedHashMap<>();
                map.forEach((key, item) -> all.put((String) key, planted(item, place, at, name, more)));
                if (here) {
                    all.putIfAbsent(name, more);
                }
                yield all;
            }
            default -> value;
        };
    }

    @Override
    public String toString() {
        return route + " by " + by;
    }
}
