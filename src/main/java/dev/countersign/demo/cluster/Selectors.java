package dev.countersign.demo.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Label selectors (`a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`) and field selectors on name, namespace and a
/// few other fields, as predicates on objects.
final class Selectors {
    private static final Pattern SET = Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*");
    private static final Pattern COMMA_OUTSIDE_PARENTHESES = Pattern.compile(",(?![^(]*\\))");
    private static final Pattern WORD = Pattern.compile("[-A-Za-z0-9_./]+");
    private static final List<String> FIELDS = List.of(
            "metadata.name",
            "metadata.namespace",
            "status.phase",
            "spec.nodeName",
            "spec.serviceAccountName",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.kind",
            "involvedObject.uid");

    private Selectors() {}

    static Predicate<Map<String, Object>> of(String labelSelector, String fieldSelector) {
        Predicate<Map<String, Object>> all = object -> true;
        if (!labelSelector.isBlank()) {
            for (var part : COMMA_OUTSIDE_PARENTHESES.split(labelSelector)) {
                var wanted = label(part);
                all = all.and(object -> wanted.test(Tree.mapAt(object, "metadata", "labels")));
            }
        }
        if (!fieldSelector.isBlank()) {
            for (var part : fieldSelector.split(",")) {
                all = all.and(field(part));
            }
        }
        return all;
    }

    private static Predicate<Map<String, Object>> label(String part) {
        var set = SET.matcher(part);
        if (set.matches()) {
            var key = set.group(1);
            var values =
                    Arrays.stream(set.group(3).split(",")).map(String::strip).toList();
            return set.group(2).equals("in")
                    ? labels -> labels.containsKey(key) && values.contains(labels.get(key))
                    : labels -> !labels.containsKey(key) || !values.contains(labels.get(key));
        }
        if (part.contains("=")) {
            var unequal = part.contains("!=");
            var sides = part.split(unequal ? "!=" : "==?", 2);
            var key = sides[0].strip();
            var value = sides[1].strip();
            if (!WORD.matcher(key).matches() || !value.isEmpty() && !WORD.matcher(value).matches()) {
                throw unreadable(part);
            }
            return unequal ? labels -> !value.equals(labels.get(key)) : labels -> value.equals(labels.get(key));
        }
        var key = part.strip();
        if (!WORD.matcher(key.startsWith("!") ? key.substring(1) : key).matches()) {
            throw unreadable(part);
        }
        return key.startsWith("!")
                ? labels -> !labels.containsKey(key.substring(1))
                : labels -> labels.containsKey(key);
    }

    private static Refused unreadable(String part) {
        return Refused.badRequest("unable to parse requirement: found '%s', expected: identifier".formatted(part.strip()));
    }

    private static Predicate<Map<String, Object>> field(String part) {
        var unequal = part.contains("!=");
        var sides = part.split(unequal ? "!=" : "==?", 2);
        if (sides.length < 2 || !FIELDS.contains(sides[0].strip())) {
            throw Refused.badRequest("field label not supported: " + sides[0].strip());
        }
        var path = sides[0].strip().split("\\.");
        var value = sides[1].strip();
        return object -> Tree.text(object, path).orElse("").equals(value) != unequal;
    }
}
