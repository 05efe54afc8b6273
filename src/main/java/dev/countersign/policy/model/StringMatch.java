package dev.countersign.policy.model;

/// How one policy value matches text (istio.md 1.2): `*` any text but the empty one, `*x` a suffix, `x*` a prefix,
/// otherwise exactly itself. One star at one end is special, a leading one before a trailing one; every other star is a
/// character.
public sealed interface StringMatch {
    record Exact(String text) implements StringMatch {}

    record Prefix(String prefix) implements StringMatch {}

    record Suffix(String suffix) implements StringMatch {}

    /// Some text, not the empty one.
    record Present() implements StringMatch {}

    static StringMatch of(String value) {
        if (value.equals("*")) {
            return new Present();
        }
        if (value.startsWith("*")) {
            return new Suffix(value.substring(1));
        }
        if (value.endsWith("*")) {
            return new Prefix(value.substring(0, value.length() - 1));
        }
        return new Exact(value);
    }

    default boolean matches(String text) {
        return switch (this) {
            case Exact(String exact) -> exact.equals(text);
            case Prefix(String prefix) -> text.startsWith(prefix);
            case Suffix(String suffix) -> text.endsWith(suffix);
            case Present() -> !text.isEmpty();
        };
    }

    /// As `matches`, ASCII letters without case: only hosts are compared so.
    default boolean matchesAnyCase(String text) {
        return switch (this) {
            case Exact(String exact) -> exact.length() == text.length() && sameLetters(text, 0, exact);
            case Prefix(String prefix) -> text.length() >= prefix.length() && sameLetters(text, 0, prefix);
            case Suffix(String suffix) ->
                text.length() >= suffix.length() && sameLetters(text, text.length() - suffix.length(), suffix);
            case Present() -> !text.isEmpty();
        };
    }

    private static boolean sameLetters(String text, int from, String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            if (lower(text.charAt(from + i)) != lower(pattern.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? (char) (letter + ('a' - 'A')) : letter;
    }
}
