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

/// What the workloads of a mesh have in common, each once and by number: names of callers, rules, pairs of
/// lists of rules (those that deny, those that allow). What is
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

    private record Pair(List<Integer> denies, List<Integer> allows) {}

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
    /// Of pair n the rules that deny at 2n, those that allow at 2n + 1.
    private volatile Ready[][] lists = new Ready[64][];
    private final Map<Essence, Integer> known = new HashMap<>();
    private final List<Ready> rules = new ArrayList<>();
    private final Map<Pair, Integer> pairs = new HashMap<>();
    private int callers;

    Shelf() {
        pair(List.of(), List.of());
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

    boolean denies(int pair, Call call) {
        return pair != NO_RULES && some(lists[2 * pair], call);
    }

    boolean allows(int pair, Call call) {
        return pair != NO_RULES && some(lists[2 * pair + 1], call);
    }

    private static boolean some(Ready[] rules, Call call) {
        for (Ready rule : rules) {
            if (rule.matches(call)) {
                return true;
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

    int pair(List<Integer> denies, List<Integer> allows) {
        return pairs.computeIfAbsent(new Pair(denies, allows), one -> {
            int number = pairs.size();
            Ready[][] wider = 2 * number == lists.length ? Arrays.copyOf(lists, 4 * number) : lists;
            wider[2 * number] = denies.stream().map(rules::get).toArray(Ready[]::new);
            wider[2 * number + 1] = allows.stream().map(rules::get).toArray(Ready[]::new);
            lists = wider;
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
