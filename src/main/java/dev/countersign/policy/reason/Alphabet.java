package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Text.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// One character for each class of characters that no item tells apart: those that items name, and of every kind that
/// `Chars.Some` knows one that is not named, where there is any.
final class Alphabet {
    private static final String POOL = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            + "-._~%!$&'()+,;:@=/?\"<>[]^`{|}*\\# \u00f8";
    private static final Chars.Some[] SOME = Chars.Some.values();
    private static final int[] KINDS = kinds();

    private final char[] characters;
    /// By letter, the `Chars.Some` that have it, as bits.
    private final int[] kinds;

    private final List<List<Integer>> byKind;

    private Alphabet(char[] characters) {
        this.characters = characters;
        kinds = new int[characters.length];
        Map<Integer, List<Integer>> letters = new HashMap<>();
        for (int l = 0; l < kinds.length; l++) {
            kinds[l] = kind(characters[l]);
            letters.computeIfAbsent(kinds[l], kind -> new ArrayList<>()).add(l);
        }
        byKind = List.copyOf(letters.values());
    }

    static Alphabet of(List<@Nullable Item> items) {
        TreeSet<Character> named = new TreeSet<>();
        for (Item item : items) {
            if (item != null) {
                switch (item.chars()) {
                    case Chars.One(char c) -> named.add(c);
                    case Chars.Folded(char c) -> {
                        named.add(Text.fold(c));
                        named.add(upper(c));
                    }
                    case Chars.Some _ -> {}
                }
            }
        }
        StringBuilder all = new StringBuilder();
        named.forEach(all::append);
        TreeSet<Integer> covered = new TreeSet<>();
        for (int i = 0; i < POOL.length(); i++) {
            char c = POOL.charAt(i);
            if (!named.contains(c) && covered.add(kind(c))) {
                all.append(c);
            }
        }
        return new Alphabet(all.toString().toCharArray());
    }

    int size() {
        return characters.length;
    }

    char character(int letter) {
        return characters[letter];
    }

    /// -1 where no item names the character.
    int letter(char c) {
        for (int l = 0; l < characters.length; l++) {
            if (characters[l] == c) {
                return l;
            }
        }
        return -1;
    }

    void each(Chars chars, IntConsumer action) {
        switch (chars) {
            case Chars.One(char c) -> action.accept(letter(c));
            case Chars.Folded(char c) -> {
                action.accept(letter(Text.fold(c)));
                if (upper(c) != Text.fold(c)) {
                    action.accept(letter(upper(c)));
                }
            }
            case Chars.Some some -> {
                for (int l = 0; l < characters.length; l++) {
                    if ((kinds[l] & 1 << some.ordinal()) != 0) {
                        action.accept(l);
                    }
                }
            }
        }
    }

    /// Adds of each kind one letter that is not there yet.
    void addOthers(boolean[] letters) {
        for (List<Integer> kind : byKind) {
            for (int letter : kind) {
                if (!letters[letter]) {
                    letters[letter] = true;
                    break;
                }
            }
        }
    }

    private static char upper(char c) {
        char lower = Text.fold(c);
        return lower >= 'a' && lower <= 'z' ? (char) (lower - 32) : lower;
    }

    private static int kind(char c) {
        return KINDS[Math.min(c, KINDS.length - 1)]; // beyond ASCII no kind tells anything apart
    }

    private static int[] kinds() {
        int[] kinds = new int[129];
        for (int c = 0; c < kinds.length; c++) {
            kinds[c] = kindOf((char) c);
        }
        return kinds;
    }

    private static int kindOf(char c) {
        int kind = 0;
        for (Chars.Some some : SOME) {
            if (some.has(c)) {
                kind |= 1 << some.ordinal();
            }
        }
        return kind;
    }
}
