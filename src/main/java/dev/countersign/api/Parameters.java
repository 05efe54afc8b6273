package dev.countersign.api;

import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.springframework.web.servlet.HandlerMapping;

/// What stands after the `?`: a closed list a route. A misspelt filter would answer more than was asked for, so an unknown
/// parameter is refused, and so is a repeated one.
final class Parameters {
    static final int DEFAULT_LIMIT = 50;
    static final int MOST = 100;

    /// Every parameter of the API, with what it takes.
    enum Name {
        q("text", "Free text to search for, at most 200 characters."),
        cluster("name", "Only of the cluster of this name."),
        namespace("name", "Only of this namespace."),
        workload("name", "Only about the called workload of this name."),
        identity("text", "Of the caller namespace/serviceAccount. Default: anyone, without an identity."),
        state("words", "Only in these states, separated by commas."),
        mine("truth", "true: only your own."),
        decidable("truth", "true: only what waits for your word, riskiest and oldest first. Goes with namespace only."),
        endingWithinDays("number", "Only active ones that end within so many days, 1 to 3660."),
        after("number", "Entries with a greater number, oldest first. Default 0."),
        at("time", "A moment as RFC 3339 writes it: 2026-11-23T14:30:00Z."),
        entry("number", "The number of an entry of the record."),
        size("number", "Among so many first entries. Default: all that are sealed."),
        from("number", "The smaller number of entries."),
        to("number", "The greater number of entries. Default: all that are sealed."),
        limit("number", "How many at most, 1 to 100. Default 50."),
        cursor("cursor", "Where the page before ended: its `next`. Belongs to the same route and filters.");

        final String kind;
        final String words;

        Name(String kind, String words) {
            this.kind = kind;
            this.words = words;
        }
    }

    private final Map<String, String> given = new LinkedHashMap<>();
    private final List<Problem.Wrong> wrong = new ArrayList<>();
    private final String route;

    private Parameters(HttpServletRequest request, Name... known) {
        this.route = request.getMethod() + " " + request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        TreeSet<String> names = new TreeSet<>(request.getParameterMap().keySet());
        List<String> allowed = Arrays.stream(known).map(Enum::name).toList();
        for (String name : names) {
            String[] values = request.getParameterMap().get(name);
            if (!allowed.contains(name)) {
                refuse(name, allowed.isEmpty() ? "This address takes no parameters. Leave it out."
                        : "There is no such parameter here. Known are " + String.join(", ", allowed) + ".");
            } else if (values.length > 1) {
                refuse(name, "This parameter stands twice. Keep one of them.");
            } else if (values[0].length() > 1_000 || values[0].chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
                refuse(name, "This is too long, or contains control characters.");
            } else if (!values[0].isEmpty()) {
                given.put(name, values[0]);
            }
        }
    }

    static Parameters of(HttpServletRequest request, Name... known) {
        return new Parameters(request, known);
    }

    /// Refuses every parameter.
    static void none(HttpServletRequest request) {
        of(request).check();
    }

    /// Throws everything that is wrong as one refusal. Call it when all was asked for.
    void check() {
        if (!wrong.isEmpty()) {
            throw new Problem.Refused("The parameters are understood, but not all can be taken. See errors and correct them.", wrong);
        }
    }

    void refuse(String name, String message) {
        if (wrong.size() < 20) {
            wrong.add(new Problem.Wrong("?" + name.substring(0, Math.min(100, name.length())), "CS9422", message));
        }
    }

    boolean has(Name name) {
        return given.containsKey(name.name());
    }

    Optional<String> text(Name name) {
        Optional<String> text = Optional.ofNullable(given.get(name.name()));
        if (text.isPresent() && text.get().length() > 253) {
            refuse(name.name(), "This has at most 253 characters.");
            return Optional.empty();
        }
        return text;
    }

    boolean truth(Name name) {
        String text = given.getOrDefault(name.name(), "false");
        if (!text.equals("true") && !text.equals("false")) {
            refuse(name.name(), "This is true or false.");
        }
        return text.equals("true");
    }

    Optional<Long> number(Name name, long least, long most) {
        String text = given.get(name.name());
        if (text == null) {
            return Optional.empty();
        }
        if (text.matches("[0-9]{1,18}") && Long.parseLong(text) >= least && Long.parseLong(text) <= most) {
            return Optional.of(Long.parseLong(text));
        }
        refuse(name.name(), "This is a number from " + least + " to " + most + ".");
        return Optional.empty();
    }

    int limit() {
        return number(Name.limit, 1, MOST).map(Long::intValue).orElse(DEFAULT_LIMIT);
    }

    <E extends Enum<E>> java.util.Set<E> words(Name name, Class<E> words) {
        java.util.EnumSet<E> found = java.util.EnumSet.noneOf(words);
        for (String text : given.getOrDefault(name.name(), "").split(",")) {
            Optional<E> word = Arrays.stream(words.getEnumConstants()).filter(one -> one.name().equals(text)).findFirst();
            if (word.isPresent()) {
                found.add(word.get());
            } else if (!text.isEmpty()) {
                refuse(name.name(), "This is one of " + String.join(", ", Arrays.stream(words.getEnumConstants()).map(Enum::name).toList()) + ".");
            }
        }
        return found;
    }

    /// Where to go on; empty for the first page. Refuses what was not given by the same route with the same filters.
    Optional<String> position(SignedText signed) {
        String cursor = given.get(Name.cursor.name());
        if (cursor == null) {
            return Optional.empty();
        }
        Optional<String> position = signed.open(place(), cursor);
        if (position.isEmpty()) {
            refuse(Name.cursor.name(), "This cursor was not given here for these filters. Begin again without it.");
        }
        return position;
    }

    String cursor(SignedText signed, String position) {
        return signed.sign(place(), position);
    }

    /// The address of the page that begins at `cursor`, relative to the API's host.
    String address(HttpServletRequest request, String cursor) {
        var address = org.springframework.web.util.UriComponentsBuilder.fromPath(request.getRequestURI());
        given.forEach((name, value) -> {
            if (!name.equals(Name.cursor.name())) {
                address.queryParam(name, "{" + name + "}");
            }
        });
        Map<String, Object> values = new LinkedHashMap<>(given);
        return address.queryParam(Name.cursor.name(), cursor).encode().buildAndExpand(values).toUriString();
    }

    /// Route and filters; not the limit, which may change from page to page.
    private String place() {
        Map<String, String> filters = new java.util.TreeMap<>(given);
        filters.remove(Name.cursor.name());
        filters.remove(Name.limit.name());
        return route + " " + filters;
    }
}
