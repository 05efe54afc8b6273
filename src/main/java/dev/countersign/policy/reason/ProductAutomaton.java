package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Text.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs any number of string sets side by side and finds every combination of them that some string of the universe
/// realises, with a shortest such string. Complete: it visits every state from which a combination not yet found could be
/// reached, by one character for each class of characters that the state tells apart.
final class ProductAutomaton {
    /// Beyond this many states the question is given up rather than the machine.
    static final int MAX_STATES = 200_000;

    /// From a state with this many undecided sets at most, it is worth asking whether all of their combinations are known.
    private static final int FEW = 3;

    private final int texts;
    private final int words;
    private final Alphabet alphabet;
    /// By position: what is read there, null at the end of a sequence; and whose it is, -1 the universe.
    private final List<@Nullable Item> items = new ArrayList<>();

    private final List<Integer> owners = new ArrayList<>();
    private final long[] start;
    private final long[] repeats;
    private final long[][] stay;
    private final long[][] move;
    /// By text, the positions where it is matched, where it may still be, and where nothing can undo it.
    private final long[][] matched;

    private final long[][] open;
    private final long[][] settled;
    private final long[] universe;
    private final int universeEnd;

    private ProductAutomaton(List<Text> texts, List<Item> universe, boolean withoutQuery) {
        this.texts = texts.size();
        List<Integer> starts = new ArrayList<>();
        starts.add(0);
        add(universe, -1);
        universeEnd = items.size() - 1;
        for (int t = 0; t < texts.size(); t++) {
            for (List<Item> sequence : texts.get(t).sequences(withoutQuery)) {
                starts.add(items.size());
                add(sequence, t);
            }
        }
        words = (items.size() + 63) >> 6;
        alphabet = Alphabet.of(items);
        start = new long[words];
        repeats = new long[words];
        this.universe = new long[words];
        stay = new long[alphabet.size()][words];
        move = new long[alphabet.size()][words];
        matched = new long[this.texts][words];
        open = new long[this.texts][words];
        settled = new long[this.texts][words];
        starts.forEach(position -> set(start, position));
        for (int p = 0; p < items.size(); p++) {
            Item item = items.get(p);
            int owner = owners.get(p);
            if (owner < 0) {
                set(this.universe, p);
            } else {
                set(item == null ? matched[owner] : open[owner], p);
            }
            if (item == null) {
                continue;
            }
            int at = p;
            alphabet.each(item.chars(), letter -> set(item.repeated() ? stay[letter] : move[letter], at));
            if (item.repeated()) {
                set(repeats, p);
                boolean everything = item.chars() == Chars.Some.ANY
                        || withoutQuery && item.chars() == Chars.Some.BEFORE_QUERY;
                if (owner >= 0 && everything && items.get(p + 1) == null) {
                    set(settled[owner], p);
                }
            }
        }
        close(start);
    }

    private void add(List<Item> sequence, int owner) {
        sequence.forEach(item -> {
            items.add(item);
            owners.add(owner);
        });
        items.add(null);
        owners.add(owner);
    }

    /// Each realisable combination of `texts` with a string; not complete if there are too many states to look at.
    static Combinations<String> combinations(List<Text> texts, Universe universe) {
        return new ProductAutomaton(texts, universe.items(), false).explore("", new LinkedHashMap<>());
    }

    /// The same, of strings that begin so, besides those `known`. `withoutQuery`: strings with a query realise nothing that
    /// the same strings without it do not.
    static Combinations<String> combinations(
            List<Text> texts, Universe universe, boolean withoutQuery, String beginning, Map<AtomSet, String> known) {
        List<Item> strings = withoutQuery ? universe.itemsWithoutQuery() : universe.items();
        return new ProductAutomaton(texts, strings, withoutQuery).explore(beginning, new LinkedHashMap<>(known));
    }

    private Combinations<String> explore(String beginning, Map<AtomSet, String> found) {
        long[] first = start;
        for (int i = 0; i < beginning.length(); i++) {
            int letter = alphabet.letter(beginning.charAt(i));
            if (letter < 0) {
                return Combinations.all(found); // what begins so cannot be matched at all
            }
            first = step(first, letter);
        }
        if (!meets(first, universe)) {
            return Combinations.all(found);
        }
        Set<Key> seen = new HashSet<>();
        ArrayDeque<Node> queue = new ArrayDeque<>();
        queue.add(new Node(first, null, ' '));
        seen.add(new Key(first));
        while (!queue.isEmpty()) {
            Node node = queue.poll();
            if (has(node.state, universeEnd)) {
                AtomSet combination = combination(node.state);
                if (!found.containsKey(combination)) {
                    found.put(combination, node.text(beginning));
                }
            }
            if (exhausted(node.state, found)) {
                continue;
            }
            boolean[] letters = letters(node.state);
            for (int l = 0; l < letters.length; l++) {
                if (!letters[l]) {
                    continue;
                }
                long[] next = step(node.state, l);
                if (meets(next, universe) && seen.add(new Key(next))) {
                    if (seen.size() > MAX_STATES) {
                        return new Combinations<>(found, false);
                    }
                    queue.add(new Node(next, node, alphabet.character(l)));
                }
            }
        }
        return Combinations.all(found);
    }

    private AtomSet combination(long[] state) {
        boolean[] members = new boolean[texts];
        for (int t = 0; t < texts; t++) {
            members[t] = meets(state, matched[t]);
        }
        return AtomSet.of(texts, members);
    }

    /// Whether every combination that could still be reached from here has been found.
    private boolean exhausted(long[] state, Map<AtomSet, String> found) {
        boolean[] members = new boolean[texts];
        int[] free = new int[FEW];
        int count = 0;
        for (int t = 0; t < texts; t++) {
            if (meets(state, settled[t])) {
                members[t] = true;
            } else if (meets(state, open[t])) {
                if (count == FEW) {
                    return false;
                }
                free[count++] = t;
            }
        }
        for (int subset = 0; subset < 1 << count; subset++) {
            for (int f = 0; f < count; f++) {
                members[free[f]] = (subset >> f & 1) != 0;
            }
            if (!found.containsKey(AtomSet.of(texts, members))) {
                return false;
            }
        }
        return true;
    }

    /// The letters to go on by: those that some position names, and of each kind of letter one that none does.
    private boolean[] letters(long[] state) {
        boolean[] letters = new boolean[alphabet.size()];
        for (int w = 0; w < words; w++) {
            for (long rest = state[w]; rest != 0; rest &= rest - 1) {
                Item item = items.get((w << 6) + Long.numberOfTrailingZeros(rest));
                if (item != null && !(item.chars() instanceof Chars.Some)) {
                    alphabet.each(item.chars(), letter -> letters[letter] = true);
                }
            }
        }
        alphabet.addOthers(letters);
        return letters;
    }

    private long[] step(long[] state, int letter) {
        long[] next = new long[words];
        long carry = 0;
        for (int w = 0; w < words; w++) {
            long moved = state[w] & move[letter][w];
            next[w] = state[w] & stay[letter][w] | moved << 1 | carry;
            carry = moved >>> 63;
        }
        close(next);
        return next;
    }

    /// A repeated item may be passed over without a character.
    private void close(long[] state) {
        boolean changed = true;
        while (changed) {
            changed = false;
            long carry = 0;
            for (int w = 0; w < words; w++) {
                long passed = state[w] & repeats[w];
                long grown = state[w] | passed << 1 | carry;
                carry = passed >>> 63;
                if (grown != state[w]) {
                    state[w] = grown;
                    changed = true;
                }
            }
        }
    }

    private static boolean meets(long[] state, long[] positions) {
        for (int w = 0; w < state.length; w++) {
            if ((state[w] & positions[w]) != 0) {
                return true;
            }
        }
        return false;
    }

    private static void set(long[] words, int bit) {
        words[bit >> 6] |= 1L << (bit & 63);
    }

    private static boolean has(long[] words, int bit) {
        return (words[bit >> 6] & 1L << (bit & 63)) != 0;
    }

    private record Node(long[] state, @Nullable Node from, char by) {
        String text(String beginning) {
            StringBuilder backwards = new StringBuilder();
            for (Node node = this; node.from != null; node = node.from) {
                backwards.append(node.by);
            }
            return beginning + backwards.reverse();
        }
    }

    private record Key(long[] state) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(state, key.state);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(state);
        }
    }
}
