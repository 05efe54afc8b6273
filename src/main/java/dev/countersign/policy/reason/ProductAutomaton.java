package dev.countersign.policy.reason;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs any number of string sets side by side and finds every combination of them that some string of the universe
/// realises, with a shortest such string. Complete: it visits every state that can be reached.
final class ProductAutomaton {
    /// Beyond this many states the question is given up rather than the machine.
    static final int MAX_STATES = 200_000;

    private static final String POOL = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            + "-._~%!$&'()+,;:@=/?\"<>[]^`{|}*\\# \u00f8";

    private final List<Text> texts;
    private final int words;
    private final List<int[]> accepts = new ArrayList<>();
    private final int[] universeAccept;
    private final long[] start;
    private final long[] repeats;
    private final long[][] stay;
    private final long[][] move;
    private final long[] universeBits;
    private final char[] letters;

    private ProductAutomaton(List<Text> texts, List<Text.Item> universe) {
        this.texts = texts;
        List<List<Text.Item>> sequences = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        sequences.add(universe);
        owners.add(-1);
        for (int t = 0; t < texts.size(); t++) {
            for (List<Text.Item> sequence : texts.get(t).sequences()) {
                sequences.add(sequence);
                owners.add(t);
            }
        }
        int bits = sequences.stream().mapToInt(s -> s.size() + 1).sum();
        words = (bits + 63) >> 6;
        letters = letters(sequences);
        start = new long[words];
        repeats = new long[words];
        universeBits = new long[words];
        stay = new long[letters.length][words];
        move = new long[letters.length][words];
        List<List<Integer>> acceptBits = new ArrayList<>();
        texts.forEach(t -> acceptBits.add(new ArrayList<>()));
        int universeEnd = 0;
        int base = 0;
        for (int s = 0; s < sequences.size(); s++) {
            List<Text.Item> sequence = sequences.get(s);
            set(start, base);
            for (int p = 0; p < sequence.size(); p++) {
                Text.Item item = sequence.get(p);
                if (item.repeated()) {
                    set(repeats, base + p);
                }
                for (int l = 0; l < letters.length; l++) {
                    if (item.chars().has(letters[l])) {
                        set(item.repeated() ? stay[l] : move[l], base + p);
                    }
                }
            }
            if (owners.get(s) < 0) {
                universeEnd = base + sequence.size();
                for (int p = 0; p <= sequence.size(); p++) {
                    set(universeBits, base + p);
                }
            } else {
                acceptBits.get(owners.get(s)).add(base + sequence.size());
            }
            base += sequence.size() + 1;
        }
        universeAccept = new int[] {universeEnd};
        acceptBits.forEach(list -> accepts.add(list.stream().mapToInt(Integer::intValue).toArray()));
        close(start);
    }

    /// Each realisable combination of `texts` with a string; not complete if there are too many states to look at.
    static Combinations<String> combinations(List<Text> texts, List<Text.Item> universe) {
        return new ProductAutomaton(texts, universe).explore();
    }

    private Combinations<String> explore() {
        Map<AtomSet, String> found = new LinkedHashMap<>();
        Set<Key> seen = new HashSet<>();
        ArrayDeque<Node> queue = new ArrayDeque<>();
        queue.add(new Node(start, ""));
        seen.add(new Key(start));
        while (!queue.isEmpty()) {
            Node node = queue.poll();
            if (has(node.state, universeAccept)) {
                found.putIfAbsent(signature(node.state), node.text);
            }
            for (int l = 0; l < letters.length; l++) {
                long[] next = step(node.state, l);
                if (alive(next) && seen.add(new Key(next))) {
                    if (seen.size() > MAX_STATES) {
                        return new Combinations<>(found, false);
                    }
                    queue.add(new Node(next, node.text + letters[l]));
                }
            }
        }
        return Combinations.all(found);
    }

    private AtomSet signature(long[] state) {
        boolean[] members = new boolean[texts.size()];
        for (int t = 0; t < members.length; t++) {
            members[t] = has(state, accepts.get(t));
        }
        return AtomSet.of(members.length, members);
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

    private boolean alive(long[] state) {
        for (int w = 0; w < words; w++) {
            if ((state[w] & universeBits[w]) != 0) {
                return true;
            }
        }
        return false;
    }

    /// One character for each class of characters that no item tells apart.
    private static char[] letters(List<List<Text.Item>> sequences) {
        Set<Chars> sets = new LinkedHashSet<>();
        StringBuilder pool = new StringBuilder(POOL);
        for (List<Text.Item> sequence : sequences) {
            for (Text.Item item : sequence) {
                sets.add(item.chars());
                if (item.chars() instanceof Chars.One(char c)) {
                    pool.append(c);
                }
            }
        }
        Map<AtomSet, Character> classes = new HashMap<>();
        StringBuilder letters = new StringBuilder();
        for (char c : pool.toString().toCharArray()) {
            boolean[] members = new boolean[sets.size()];
            int i = 0;
            for (Chars set : sets) {
                members[i++] = set.has(c);
            }
            if (classes.putIfAbsent(AtomSet.of(members.length, members), c) == null) {
                letters.append(c);
            }
        }
        return letters.toString().toCharArray();
    }

    private static void set(long[] words, int bit) {
        words[bit >> 6] |= 1L << (bit & 63);
    }

    private static boolean has(long[] words, int[] bits) {
        for (int bit : bits) {
            if ((words[bit >> 6] & 1L << (bit & 63)) != 0) {
                return true;
            }
        }
        return false;
    }

    private record Node(long[] state, String text) {}

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
