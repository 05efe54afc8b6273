package dev.countersign.policy.yaml;

import java.math.BigInteger;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a word without quotes means: YAML 1.2's core schema, and which words other readers take differently.
final class Scalars {
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUES = Set.of("true", "True", "TRUE");
    private static final Set<String> FALSES = Set.of("false", "False", "FALSE");
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern OCTAL = Pattern.compile("0o[0-7]+");
    private static final Pattern HEXADECIMAL = Pattern.compile("0x[0-9a-fA-F]+");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
    private static final Set<String> OLD_BOOLEANS =
            Set.of("y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF");
    private static final Pattern OLD_NUMBER = Pattern.compile(
            "[-+]?(0[0-7]+|0b[01_]+|[0-9]+(:[0-5]?[0-9])+|" + "[0-9][0-9_]*_[0-9_]*|0x[0-9a-fA-F_]*_[0-9a-fA-F_]*)");
    private static final int LONGEST_NUMBER = 400;

    private Scalars() {}

    /// The value of a plain word. Throws `NumberFormatException` for a number that JSON cannot hold.
    static @Nullable Object plain(String word) {
        if (NULLS.contains(word)) {
            return null;
        }
        if (TRUES.contains(word)) {
            return Boolean.TRUE;
        }
        if (FALSES.contains(word)) {
            return Boolean.FALSE;
        }
        if (!mayBeNumber(word)) {
            return word;
        }
        if (NOT_FINITE.matcher(word).matches()) {
            throw new NumberFormatException("JSON has no infinity and no not-a-number");
        }
        if (word.length() <= LONGEST_NUMBER) {
            if (INTEGER.matcher(word).matches()) {
                return whole(word.startsWith("+") ? word.substring(1) : word, 10);
            }
            if (OCTAL.matcher(word).matches()) {
                return whole(word.substring(2), 8);
            }
            if (HEXADECIMAL.matcher(word).matches()) {
                return whole(word.substring(2), 16);
            }
            if (FLOAT.matcher(word).matches()) {
                double number = Double.parseDouble(word);
                if (Double.isInfinite(number)) {
                    throw new NumberFormatException("the number is too large");
                }
                return number;
            }
        }
        return word;
    }

    /// Every number, finite or not, begins with a digit, a sign or a point.
    private static boolean mayBeNumber(String word) {
        char first = word.charAt(0);
        return first >= '0' && first <= '9' || first == '+' || first == '-' || first == '.';
    }

    /// What kubectl (YAML 1.1) reads instead of what YAML 1.2 says, if that differs.
    static Optional<String> readOtherwise(String word) {
        if (OLD_BOOLEANS.contains(word)) {
            return Optional.of(
                    "kubectl reads the word " + word + " as true or false, this reader as text; put it in quotes");
        }
        if (!word.isEmpty() && mayBeNumber(word) && OLD_NUMBER.matcher(word).matches()) {
            return Optional.of("kubectl may read " + word + " as another number; put it in quotes or write it plainly");
        }
        return Optional.empty();
    }

    /// Whether a word without quotes is text to every reader, YAML 1.1 or 1.2.
    static boolean isPlainText(String text) {
        return isSafe(text)
                && !text.endsWith(":")
                && !NULLS.contains(text)
                && !TRUES.contains(text)
                && !FALSES.contains(text)
                && !OLD_BOOLEANS.contains(text);
    }

    /// A letter or a slash, then letters, digits and the punctuation of names, paths and versions: never a number.
    private static boolean isSafe(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/';
            if (!letter && (i == 0 || !(c >= '0' && c <= '9') && "_.*:@+-".indexOf(c) < 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static Object whole(String digits, int radix) {
        BigInteger number = new BigInteger(digits, radix);
        return number.bitLength() < Long.SIZE ? number.longValue() : number;
    }
}
