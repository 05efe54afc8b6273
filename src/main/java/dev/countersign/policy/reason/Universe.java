package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Text.Item;
import java.util.List;

/// Which strings can occur at all in a place, and ones that people like to read.
///
/// - `before`: what a string begins with when nothing else is asked of it.
/// - `pretty`: tried first, and as filling.
record Universe(List<Item> items, String before, boolean mayBeEmpty, List<String> pretty) {
    static final Universe METHOD = new Universe(
            nonEmpty(Chars.Some.ANY), "", false,
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"));
    static final Universe PATH =
            new Universe(path(), "/", false, List.of("/", "/other", "/elsewhere", "0", "other"));
    static final Universe HOST = new Universe(
            nonEmpty(Chars.Some.ANY), "", false, List.of("service.example", "other.example", "www.", "0"));
    static final Universe VALUE =
            new Universe(List.of(new Item(Chars.Some.ANY, true)), "", true, List.of("other", "0", "something"));
    static final Universe WORD = new Universe(nonEmpty(Chars.Some.NOT_SPACE), "", false, List.of("other", "0"));
    static final Universe NAME =
            new Universe(nonEmpty(Chars.Some.NOT_SLASH), "", false, List.of("other", "another", "x", "0"));
    static final Universe TRUST_DOMAIN =
            new Universe(nonEmpty(Chars.Some.NOT_SLASH), "", false, List.of("cluster.local", "other.example", "x"));
    /// The whole SAN of an identity as Istio issues it.
    static final Universe IDENTITY = new Universe(identity(), "", false, List.of());

    /// The same strings but those with a query.
    List<Item> itemsWithoutQuery() {
        return items.stream()
                .map(item -> item.chars() == Chars.Some.NOT_FRAGMENT
                        ? new Item(Chars.Some.NO_QUERY_NOR_FRAGMENT, item.repeated())
                        : item)
                .toList();
    }

    boolean has(String text) {
        int last = items.size() - 1;
        if (last > 1) {
            return Text.glob("", items).matches(text);
        }
        // A character perhaps, then any number of one kind: nothing to try out.
        if (text.length() < last) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!items.get(Math.min(i, last)).chars().has(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<Item> nonEmpty(Chars chars) {
        return List.of(new Item(chars, false), new Item(chars, true));
    }

    /// A path starts with a slash; Envoy refuses one with a fragment before it asks any policy.
    private static List<Item> path() {
        return List.of(new Item(new Chars.One('/'), false), new Item(Chars.Some.NOT_FRAGMENT, true));
    }

    private static List<Item> identity() {
        List<Item> items = new java.util.ArrayList<>(Text.literal("spiffe://"));
        items.addAll(nonEmpty(Chars.Some.NOT_SLASH));
        items.addAll(Text.literal("/ns/"));
        items.addAll(nonEmpty(Chars.Some.NOT_SLASH));
        items.addAll(Text.literal("/sa/"));
        items.addAll(nonEmpty(Chars.Some.NOT_SLASH));
        return items;
    }
}
