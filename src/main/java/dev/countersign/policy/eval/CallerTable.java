package dev.countersign.policy.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The rules of one workload by caller, in one array of numbers so that a decision touches little memory: a head, then an
/// open-addressing table of (caller, rules that deny, rules that allow), where callers and lists of rules are numbers of the
/// `Shelf`. Never changed once made.
final class CallerTable {
    private static final int FLAGS = 0;
    private static final int OTHERS_DENY = 1;
    private static final int OTHERS_ALLOW = 2;
    private static final int MASK = 3;
    private static final int HEAD = 4;
    private static final int CLOSED = 1;
    private static final int ASKS = 2;

    /// No caller of that number: no rules of its own.
    private static final int NOWHERE = -1;

    private CallerTable() {}

    /// Of a workload with a CUSTOM policy: ask the `Authorizer`.
    static int[] asking() {
        return new int[] {ASKS, 0, 0, 0, 0, 0, 0};
    }

    static boolean asks(int[] table) {
        return (table[FLAGS] & ASKS) != 0;
    }

    /// Whether there is an ALLOW policy, so that what none of them matches is denied.
    static boolean closed(int[] table) {
        return (table[FLAGS] & CLOSED) != 0;
    }

    static int deniesOfOthers(int[] table) {
        return table[OTHERS_DENY];
    }

    static int allowsOfOthers(int[] table) {
        return table[OTHERS_ALLOW];
    }

    static int slot(int[] table, int caller) {
        if (caller == Shelf.UNKNOWN) {
            return NOWHERE;
        }
        int mask = table[MASK];
        for (int at = spread(caller) & mask; ; at = at + 1 & mask) {
            int slot = HEAD + 3 * at;
            if (table[slot] == caller) {
                return slot;
            }
            if (table[slot] == 0) {
                return NOWHERE;
            }
        }
    }

    static int denies(int[] table, int slot) {
        return slot == NOWHERE ? Shelf.NO_RULES : table[slot + 1];
    }

    static int allows(int[] table, int slot) {
        return slot == NOWHERE ? Shelf.NO_RULES : table[slot + 2];
    }

    private static int spread(int caller) {
        return caller * 0x9E3779B9 >>> 15;
    }

    static final class Builder {
        private final Shelf shelf;
        private final Map<Integer, List<Integer>> denies = new HashMap<>();
        private final Map<Integer, List<Integer>> allows = new HashMap<>();
        private int flags;

        Builder(Shelf shelf) {
            this.shelf = shelf;
        }

        void close() {
            flags |= CLOSED;
        }

        /// No callers: a rule that everyone's calls are held against.
        void add(boolean deny, Collection<String> callers, int rule) {
            Map<Integer, List<Integer>> rules = deny ? denies : allows;
            if (callers.isEmpty()) {
                rules.computeIfAbsent(Shelf.UNKNOWN, one -> new ArrayList<>(2)).add(rule);
            }
            for (String caller : callers) {
                rules.computeIfAbsent(shelf.learn(caller), one -> new ArrayList<>(2)).add(rule);
            }
        }

        int[] table() {
            int[] callers = java.util.stream.Stream.concat(denies.keySet().stream(), allows.keySet().stream())
                    .mapToInt(Integer::intValue)
                    .filter(caller -> caller != Shelf.UNKNOWN)
                    .distinct()
                    .toArray();
            int capacity = Integer.highestOneBit(Math.max(1, callers.length * 3 / 2)) * 2;
            int[] table = new int[HEAD + 3 * capacity];
            table[FLAGS] = flags;
            table[OTHERS_DENY] = list(denies, Shelf.UNKNOWN);
            table[OTHERS_ALLOW] = list(allows, Shelf.UNKNOWN);
            table[MASK] = capacity - 1;
            for (int caller : callers) {
                int at = spread(caller) & capacity - 1;
                while (table[HEAD + 3 * at] != 0) {
                    at = at + 1 & capacity - 1;
                }
                table[HEAD + 3 * at] = caller;
                table[HEAD + 3 * at + 1] = list(denies, caller);
                table[HEAD + 3 * at + 2] = list(allows, caller);
            }
            return table;
        }

        private int list(Map<Integer, List<Integer>> rules, int caller) {
            int[] numbers = rules.getOrDefault(caller, List.of()).stream().mapToInt(Integer::intValue).distinct().toArray();
            Arrays.sort(numbers);
            return shelf.list(numbers);
        }
    }
}
