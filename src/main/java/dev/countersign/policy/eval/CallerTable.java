package dev.countersign.policy.eval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The rules of one workload by caller, in one array of numbers so that a decision touches little memory: a head, then an
/// open-addressing table of (caller, rules), where callers and pairs of lists, those that deny and those that allow, are
/// numbers of the `Shelf`. Never changed once made.
final class CallerTable {
    private static final int FLAGS = 0;
    private static final int OTHERS = 1;
    private static final int MASK = 2;
    private static final int HEAD = 4;
    private static final int CLOSED = 1;
    private static final int ASKS = 2;

    private CallerTable() {}

    /// Of a workload with a CUSTOM policy: ask the `Authorizer`.
    static int[] asking() {
        return new int[] {ASKS, Shelf.NO_RULES, 0, 0, Shelf.UNKNOWN, Shelf.NO_RULES};
    }

    static boolean asks(int[] table) {
        return (table[FLAGS] & ASKS) != 0;
    }

    /// Whether there is an ALLOW policy, so that what none of them matches is denied.
    static boolean closed(int[] table) {
        return (table[FLAGS] & CLOSED) != 0;
    }

    /// The rules that everyone's calls are held against.
    static int others(int[] table) {
        return table[OTHERS];
    }

    /// The rules that name the caller.
    static int own(int[] table, int caller) {
        if (caller == Shelf.UNKNOWN) {
            return Shelf.NO_RULES;
        }
        int mask = table[MASK];
        for (int at = spread(caller) & mask; ; at = at + 1 & mask) {
            int found = table[HEAD + 2 * at];
            if (found == caller) {
                return table[HEAD + 2 * at + 1];
            }
            if (found == Shelf.UNKNOWN) {
                return Shelf.NO_RULES;
            }
        }
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
            int[] callers = Stream.concat(denies.keySet().stream(), allows.keySet().stream())
                    .mapToInt(Integer::intValue)
                    .filter(caller -> caller != Shelf.UNKNOWN)
                    .distinct()
                    .toArray();
            int capacity = Integer.highestOneBit(Math.max(1, callers.length * 3 / 2)) * 2;
            int[] table = new int[HEAD + 2 * capacity];
            table[FLAGS] = flags;
            table[OTHERS] = rules(Shelf.UNKNOWN);
            table[MASK] = capacity - 1;
            for (int caller : callers) {
                int at = spread(caller) & capacity - 1;
                while (table[HEAD + 2 * at] != Shelf.UNKNOWN) {
                    at = at + 1 & capacity - 1;
                }
                table[HEAD + 2 * at] = caller;
                table[HEAD + 2 * at + 1] = rules(caller);
            }
            return table;
        }

        private int rules(int caller) {
            return shelf.pair(sorted(denies.get(caller)), sorted(allows.get(caller)));
        }

        private static List<Integer> sorted(@Nullable List<Integer> numbers) {
            return numbers == null ? List.of() : numbers.stream().sorted().distinct().toList();
        }
    }
}
