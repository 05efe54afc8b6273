package dev.countersign.web;

import java.util.List;
import java.util.Locale;

/// Small grammar for pages: counts with their noun, and lists as people say them.
public final class Words {
    /// "1 request", "41,200 calls".
    public static String count(long number, String one, String many) {
        return String.format(Locale.ENGLISH, "%,d %s", number, number == 1 ? one : many);
    }

    /// The same for templates.
    public String plural(long number, String one, String many) {
        return count(number, one, many);
    }

    public String and(List<String> names) {
        return join(names, "and");
    }

    public String or(List<String> names) {
        return join(names, "or");
    }

    /// "a", "a and b", "a, b and c".
    public static String join(List<String> names, String last) {
        int size = names.size();
        if (size < 2) return String.join("", names);
        return String.join(", ", names.subList(0, size - 1)) + " " + last + " " + names.getLast();
    }
}
