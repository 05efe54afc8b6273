package dev.countersign.requests;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// A JSON value on its way to becoming a value of ours: knows its JSON Pointer and collects what is wrong with it. A read that
/// finds something wrong says so once and answers empty; reading goes on, so that a person sees everything at once.
final class Node {
    private final @Nullable Object value;
    private final String pointer;
    private final Collection<FieldProblem> problems;

    Node(@Nullable Object value, String pointer, Collection<FieldProblem> problems) {
        this.value = value;
        this.pointer = pointer;
        this.problems = problems;
    }

    boolean absent() {
        return value == null;
    }

    void refuse(String message) {
        problems.add(new FieldProblem(pointer, message));
    }

    /// Whether something was wrong at this place or below it.
    boolean refused() {
        return problems.stream().anyMatch(problem -> problem.pointer().equals(pointer) || problem.pointer().startsWith(pointer + "/"));
    }

    /// The member of an object; absent where there is none.
    Node member(String name) {
        Object member = value instanceof Map<?, ?> map ? map.get(name) : null;
        return new Node(member, pointer + "/" + escaped(name), problems);
    }

    /// Whether this is an object with no members but these; says what is wrong otherwise. An unknown member is refused, for it is
    /// a misspelt limit or a guess at our fields.
    boolean objectOf(String... known) {
        if (!(value instanceof Map<?, ?> map)) {
            refuse(absent() ? "This is missing." : "This is an object, not " + kind() + ".");
            return false;
        }
        TreeSet<String> unknown = new TreeSet<>();
        map.keySet().forEach(key -> unknown.add(String.valueOf(key)));
        unknown.removeAll(List.of(known));
        unknown.stream()
                .limit(10)
                .forEach(name -> member(name).refuse("There is no such member here. Known are " + String.join(", ", known) + "."));
        return true;
    }

    Optional<String> text(int limit) {
        if (!(value instanceof String text)) {
            refuse(absent() ? "This is missing." : "This is a text, not " + kind() + ".");
            return Optional.empty();
        }
        if (Limits.characters(text) > limit) {
            refuse("This has at most " + limit + " characters; it has " + Limits.characters(text) + ".");
            return Optional.empty();
        }
        if (!Texts.storable(text)) {
            refuse("This contains characters that are not text (control characters or half of a pair). Remove them.");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    Optional<Boolean> truth() {
        if (absent()) {
            return Optional.of(false);
        }
        if (value instanceof Boolean truth) {
            return Optional.of(truth);
        }
        refuse("This is true or false, not " + kind() + ".");
        return Optional.empty();
    }

    Optional<Long> whole() {
        if (value instanceof Integer || value instanceof Long) {
            return Optional.of(((Number) value).longValue());
        }
        refuse(absent() ? "This is missing." : "This is a whole number, not " + kind() + ".");
        return Optional.empty();
    }

    /// The items of a list of at most `limit`, read one by one; those that are wrong are left out (and were complained about). An
    /// absent list is empty.
    <T> List<T> list(int limit, BiFunction<Node, Integer, Optional<T>> item) {
        if (absent()) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            refuse("This is a list, not " + kind() + ".");
            return List.of();
        }
        if (list.size() > limit) {
            refuse("At most " + limit + " are possible here; there are " + list.size() + ". Ask for the rest in another request.");
            return List.of();
        }
        List<T> read = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            item.apply(new Node(list.get(i), pointer + "/" + i, problems), i).ifPresent(read::add);
        }
        return read;
    }

    private String kind() {
        return switch (value) {
            case null -> "null";
            case String text -> "a text";
            case Boolean truth -> "true or false";
            case Number number -> "a number";
            case List<?> list -> "a list";
            default -> "an object";
        };
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
