package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.List;

/// A set of strings that a value of the policy language stands for.
///
/// - `fold`: letters of either case are equal (hosts).
/// - `beforeQuery`: speaks of a path without its query.
/// - `glob`: for `GLOB`, the sequence to match in full.
record Text(Kind kind, String value, boolean fold, boolean beforeQuery, List<Item> glob) {
    enum Kind {
        EXACT,
        PREFIX,
        SUFFIX,
        NON_EMPTY,
        ANYTHING,
        GLOB,
        NEVER
    }

    /// One character of a set, or any number of them.
    record Item(Chars chars, boolean repeated) {}

    static final Text NEVER = new Text(Kind.NEVER, "", false, false, List.of());
    static final Text NON_EMPTY = new Text(Kind.NON_EMPTY, "", false, false, List.of());
    static final Text ANYTHING = new Text(Kind.ANYTHING, "", false, false, List.of());

    static Text of(Kind kind, String value) {
        return new Text(kind, value, false, false, List.of());
    }

    static Text exact(String value) {
        return of(Kind.EXACT, value);
    }

    /// Istio's string match (istio.md 1.2): `*` non-empty, `*x` suffix, `x*` prefix, else exact; a leading star wins.
    static Text generic(String value) {
        if (value.equals("*")) {
            return NON_EMPTY;
        } else if (value.startsWith("*")) {
            return of(Kind.SUFFIX, value.substring(1));
        } else if (value.endsWith("*")) {
            return of(Kind.PREFIX, value.substring(0, value.length() - 1));
        }
        return exact(value);
    }

    /// As `generic`, but `*` is satisfied by an empty header too.
    static Text header(String value) {
        return value.equals("*") ? ANYTHING : generic(value);
    }

    static Text host(String value) {
        Text text = generic(value);
        return new Text(text.kind, text.value, true, false, List.of());
    }

    static Text path(String value) {
        if (dev.countersign.policy.model.PathTemplates.isTemplate(value)) {
            return new Text(Kind.GLOB, value, false, true, template(value));
        }
        Text text = generic(value);
        return new Text(text.kind, text.value, false, true, List.of());
    }

    static Text glob(String label, List<Item> items) {
        return new Text(Kind.GLOB, label, false, false, items);
    }

    boolean simple() {
        return kind != Kind.GLOB;
    }

    boolean matches(String whole) {
        String text = whole;
        if (beforeQuery && whole.indexOf('?') >= 0) {
            text = whole.substring(0, whole.indexOf('?'));
        }
        return switch (kind) {
            case EXACT -> text.length() == value.length() && has(text, 0);
            case PREFIX -> has(text, 0);
            case SUFFIX -> has(text, text.length() - value.length());
            case NON_EMPTY -> !text.isEmpty();
            case ANYTHING -> true;
            case NEVER -> false;
            case GLOB -> (!beforeQuery || startsAsTemplate(text)) && matches(glob, text);
        };
    }

    private boolean startsAsTemplate(String text) {
        int open = value.indexOf('{');
        return open <= 0 || text.regionMatches(0, value, 0, open);
    }

    private boolean has(String text, int at) {
        if (!fold) {
            return text.startsWith(value, at);
        }
        if (at < 0 || text.length() - at < value.length()) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            if (fold(text.charAt(at + i)) != fold(value.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// The same set as one or two sequences, for the product automaton: one is enough where no string has a query.
    List<List<Item>> sequences(boolean withoutQuery) {
        Item rest = new Item(beforeQuery ? Chars.Some.BEFORE_QUERY : Chars.Some.ANY, true);
        List<Item> items = new ArrayList<>();
        switch (kind) {
            case NEVER -> {
                return List.of();
            }
            case EXACT -> literals(items);
            case PREFIX -> {
                literals(items);
                items.add(rest);
            }
            case SUFFIX -> {
                items.add(rest);
                literals(items);
            }
            case NON_EMPTY -> {
                items.add(new Item(rest.chars(), false));
                items.add(rest);
            }
            case ANYTHING -> items.add(rest);
            case GLOB -> items.addAll(glob);
        }
        if (!beforeQuery) {
            return List.of(items);
        }
        if (value.indexOf('?') >= 0) {
            return List.of();
        }
        if (withoutQuery) {
            return List.of(items);
        }
        List<Item> withQuery = new ArrayList<>(items);
        withQuery.add(new Item(new Chars.One('?'), false));
        withQuery.add(new Item(Chars.Some.ANY, true));
        return List.of(items, withQuery);
    }

    /// As a person would write it.
    String label() {
        return switch (kind) {
            case EXACT, GLOB -> value;
            case PREFIX -> value + "*";
            case SUFFIX -> "*" + value;
            case NON_EMPTY, ANYTHING -> "*";
            case NEVER -> "nothing";
        };
    }

    static char fold(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }

    private void literals(List<Item> items) {
        for (char c : value.toCharArray()) {
            items.add(new Item(fold ? new Chars.Folded(fold(c)) : new Chars.One(c), false));
        }
    }

    static List<Item> literal(String text) {
        List<Item> items = new ArrayList<>();
        for (char c : text.toCharArray()) {
            items.add(new Item(new Chars.One(c), false));
        }
        return items;
    }

    private static List<Item> template(String value) {
        List<Item> items = new ArrayList<>();
        int i = 0;
        while (i < value.length()) {
            if (value.startsWith("{**}", i)) {
                items.add(new Item(Chars.Some.SEGMENTS, true));
                i += 4;
            } else if (value.startsWith("{*}", i)) {
                items.add(new Item(Chars.Some.SEGMENT, false));
                items.add(new Item(Chars.Some.SEGMENT, true));
                i += 3;
            } else {
                items.add(new Item(new Chars.One(value.charAt(i)), false));
                i++;
            }
        }
        return items;
    }

    private static boolean matches(List<Item> items, String text) {
        boolean[] at = new boolean[items.size() + 1];
        at[0] = true;
        skip(items, at);
        for (int i = 0; i < text.length(); i++) {
            boolean[] next = new boolean[at.length];
            for (int p = 0; p < items.size(); p++) {
                if (at[p] && items.get(p).chars().has(text.charAt(i))) {
                    next[items.get(p).repeated() ? p : p + 1] = true;
                }
            }
            skip(items, next);
            at = next;
        }
        return at[items.size()];
    }

    private static void skip(List<Item> items, boolean[] at) {
        for (int p = 0; p < items.size(); p++) {
            if (at[p] && items.get(p).repeated()) {
                at[p + 1] = true;
            }
        }
    }
}
