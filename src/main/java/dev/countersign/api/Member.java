package dev.countersign.api;

import dev.countersign.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A value of a body on its way to becoming a value of ours: knows its JSON Pointer, coerces nothing, and collects everything
/// that is wrong, so that the sender sees it at once. Where something is wrong, reading goes on with an empty value; `refuse`
/// at the end throws.
final class Member {
    private static final String CODE = "CS9422";

    private final @Nullable Object value;
    private final String pointer;
    private final List<Problem.Wrong> wrong;

    private Member(@Nullable Object value, String pointer, List<Problem.Wrong> wrong) {
        this.value = value;
        this.pointer = pointer;
        this.wrong = wrong;
    }

    /// Reads a whole body; what `read` complains of is thrown as one refusal.
    static <T> T body(byte[] body, Function<Member, T> read) {
        List<Problem.Wrong> wrong = new ArrayList<>();
        T value = read.apply(new Member(JsonText.read(body), "", wrong));
        if (!wrong.isEmpty()) {
            throw new Problem.Refused("The body is understood, but not all of it can be taken. See errors, correct what they point at, and send it again.", wrong);
        }
        return value;
    }

    static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    boolean absent() {
        return value == null;
    }

    void wrong(String message) {
        wrong.add(new Problem.Wrong(pointer, CODE, message));
    }

    /// The member of that name, absent where there is none.
    Member of(String name) {
        return new Member(value instanceof Map<?, ?> map ? map.get(name) : null, pointer + "/" + escaped(name), wrong);
    }

    /// Says what is wrong unless this is an object without members but these.
    Member objectOf(String... known) {
        if (!(value instanceof Map<?, ?> map)) {
            wrong(absent() ? "This is missing." : "This is an object, not " + kind() + ".");
            return this;
        }
        TreeSet<String> unknown = new TreeSet<>();
        map.keySet().forEach(name -> unknown.add(String.valueOf(name)));
        unknown.removeAll(List.of(known));
        unknown.stream().limit(10).forEach(name -> of(name).wrong(
                "There is no such member here. " + (known.length == 0 ? "The object is empty." : "Known are " + String.join(", ", known) + ".")));
        return this;
    }

    /// A text of 1 to `longest` characters; "" where it is not one.
    String text(int longest) {
        Optional<String> text = optionalText(longest);
        if (absent()) {
            wrong("This is missing.");
        } else if (text.isPresent() && text.get().isEmpty()) {
            wrong("This is empty.");
        }
        return text.orElse("");
    }

    /// As `text`, but may be absent or empty.
    Optional<String> optionalText(int longest) {
        if (absent()) {
            return Optional.empty();
        }
        if (!(value instanceof String text)) {
            wrong("This is a text, not " + kind() + ".");
            return Optional.empty();
        }
        if (text.codePointCount(0, text.length()) > longest) {
            wrong("This has at most " + longest + " characters.");
            return Optional.empty();
        }
        if (!storable(text)) {
            wrong("This contains characters that are not text (control characters or half of a pair). Remove them.");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    <E extends Enum<E>> Optional<E> word(Class<E> words) {
        Optional<String> text = optionalText(100);
        for (E word : words.getEnumConstants()) {
            if (text.isPresent() && text.get().equals(word.name())) {
                return Optional.of(word);
            }
        }
        if (text.isPresent()) {
            wrong("This is one of " + String.join(", ", java.util.Arrays.stream(words.getEnumConstants()).map(Enum::name).toList()) + ".");
        }
        return Optional.empty();
    }

    Optional<Boolean> truth() {
        if (!absent() && !(value instanceof Boolean)) {
            wrong("This is true or false, not " + kind() + ".");
        }
        return value instanceof Boolean truth ? Optional.of(truth) : Optional.empty();
    }

    Optional<Integer> whole(int least, int most) {
        if (absent()) {
            return Optional.empty();
        }
        if (!(value instanceof Long number)) {
            wrong("This is a whole number, not " + kind() + ".");
            return Optional.empty();
        }
        if (number < least || number > most) {
            wrong("This is a number from " + least + " to " + most + ".");
            return Optional.empty();
        }
        return Optional.of(number.intValue());
    }

    /// The items, at most `most`; empty where absent.
    <T> List<T> list(int most, Function<Member, T> item) {
        if (absent()) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            wrong("This is a list, not " + kind() + ".");
            return List.of();
        }
        if (list.size() > most) {
            wrong("At most " + most + " are possible here; there are " + list.size() + ".");
            return List.of();
        }
        List<T> items = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            items.add(item.apply(new Member(list.get(i), pointer + "/" + i, wrong)));
        }
        return items;
    }

    /// The members of an object that may have any names, at most `most`; empty where absent.
    <T> Map<String, T> map(int most, Function<Member, T> item) {
        if (absent()) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            wrong("This is an object, not " + kind() + ".");
            return Map.of();
        }
        if (map.size() > most) {
            wrong("At most " + most + " members are possible here; there are " + map.size() + ".");
            return Map.of();
        }
        Map<String, T> members = new LinkedHashMap<>();
        map.keySet().forEach(name -> members.put(String.valueOf(name), item.apply(of(String.valueOf(name)))));
        return members;
    }

    boolean isText() {
        return value instanceof String;
    }

    /// The value as it was sent, if it is an object.
    @SuppressWarnings("unchecked") // JsonText makes maps of texts only
    Map<String, Object> tree() {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        wrong(absent() ? "This is missing." : "This is an object, not " + kind() + ".");
        return Map.of();
    }

    private String kind() {
        return switch (value) {
            case null -> "null";
            case String text -> "a text";
            case Boolean truth -> "true or false";
            case Long number -> "a number";
            case Number number -> "a number with a fraction or of great size";
            case List<?> list -> "a list";
            default -> "an object";
        };
    }

    /// What PostgreSQL stores and pages show.
    private static boolean storable(String text) {
        return text.codePoints().noneMatch(c ->
                (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c <= 0xdfff));
    }
}
