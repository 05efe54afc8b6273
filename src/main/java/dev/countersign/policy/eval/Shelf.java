package dev.countersign.policy.eval;

import dev.countersign.policy.eval.RuleReading.Clause;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the workloads of a mesh have in common, each once and by number: names of callers, rules, lists of rules. What is
/// asked often stays near the processor however large the mesh is.
///
/// One writer at a time, which the mesh sees to; readers need no lock, because a number reaches them only through a table
/// that was published after the number was given.
final class Shelf {
    /// The number of no caller.
    static final int UNKNOWN = 0;
    static final int NO_RULES = 0;
    /// Instead of a number: the proxy drops the rule whole.
    static final int NEVER = -1;

    private record Name(String text, int number) {}

    /// What a rule comes down to. Its namespace matters only to its callers and conditions; callers found by name are none
    /// of it.
    private record Essence(RuleReader reader, Action action, String namespace, List<Source> from, List<Operation> to, List<Condition> when) {}

    private record Numbers(int[] all) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Numbers(int[] others) && Arrays.equals(all, others);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(all);
        }
    }

    /// A rule ready to be held against a call. Empty entries match everything.
    private record Ready(Predicate<Call>[][] from, Predicate<Call>[][] to, Predicate<Call>[] when) {
        boolean matches(Call call) {
            return some(from, call) && some(to, call) && all(when, call);
        }

        private static boolean some(Predicate<Call>[][] entries, Call call) {
            for (Predicate<Call>[] entry : entries) {
                if (all(entry, call)) {
                    return true;
                }
            }
            return entries.length == 0;
        }

        private static boolean all(Predicate<Call>[] clauses, Call call) {
            for (Predicate<Call> clause : clauses) {
                if (!clause.test(call)) {
                    return false;
                }
            }
            return true;
        }
    }

    private volatile @Nullable Name[] names = new Name[64];
    private volatile Ready[][] lists = new Ready[64][];
    private final Map<Essence, Integer> known = new HashMap<>();
    private final List<Ready> rules = new ArrayList<>();
    private final Map<Numbers, Integer> listed = new HashMap<>();
    private int callers;

    Shelf() {
        list(new int[0]);
    }

    int caller(String name) {
        @Nullable Name[] table = names;
        for (int at = spread(name) & table.length - 1; ; at = at + 1 & table.length - 1) {
            Name found = table[at];
            if (found == null) {
                return UNKNOWN;
            }
            if (found.text().equals(name)) {
                return found.number();
            }
        }
    }

    boolean some(int list, Call call) {
        if (list != NO_RULES) {
            for (Ready rule : lists[list]) {
                if (rule.matches(call)) {
                    return true;
                }
            }
        }
        return false;
    }

    int learn(String name) {
        int number = caller(name);
        if (number != UNKNOWN) {
            return number;
        }
        if (++callers * 2 > names.length) {
            @Nullable Name[] wider = new Name[names.length * 2];
            for (Name one : names) {
                if (one != null) {
                    put(wider, one);
                }
            }
            names = wider;
        }
        put(names, new Name(name, callers));
        return callers;
    }

    private static void put(@Nullable Name[] table, Name name) {
        int at = spread(name.text()) & table.length - 1;
        while (table[at] != null) {
            at = at + 1 & table.length - 1;
        }
        table[at] = name;
    }

    private static int spread(String name) {
        int hash = name.hashCode();
        return hash ^ hash >>> 15;
    }

    int list(int[] numbers) {
        return listed.computeIfAbsent(new Numbers(numbers), one -> {
            int number = listed.size();
            if (number == lists.length) {
                lists = Arrays.copyOf(lists, 2 * number);
            }
            lists[number] = Arrays.stream(numbers).mapToObj(rules::get).toArray(Ready[]::new);
            return number;
        });
    }

    /// The number of a rule, or `NEVER`. `byName`: only those are held against it whom its `from` names.
    int rule(RuleReader reader, AuthorizationPolicy policy, int index, boolean byName) {
        Rule rule = policy.rules().get(index);
        List<Source> from = byName ? List.of() : rule.from();
        String namespace = rule.when().isEmpty() && from.isEmpty() ? "" : policy.metadata().namespace();
        Essence essence = new Essence(reader, policy.action(), namespace, from, rule.to(), rule.when());
        Integer number = known.get(essence);
        if (number == null) {
            RuleReading reading = reader.read(policy, index);
            number = reading.never().isPresent() ? NEVER : rules.size();
            if (number != NEVER) {
                rules.add(new Ready(byName ? entries(List.of()) : entries(reading.from()), entries(reading.to()), clauses(reading.when())));
            }
            known.put(essence, number);
        }
        return number;
    }

    @SuppressWarnings("unchecked")
    private static Predicate<Call>[][] entries(List<List<Clause>> entries) {
        return entries.stream().map(Shelf::clauses).toArray(Predicate[][]::new);
    }

    @SuppressWarnings("unchecked")
    private static Predicate<Call>[] clauses(List<Clause> clauses) {
        return clauses.stream().map(Clause::test).toArray(Predicate[]::new);
    }
}
