package dev.countersign.policy.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// One rule as one kind of proxy reads it: some `from` entry, some `to` entry and every `when`, each entry a
/// conjunction.
///
/// - `key`: how Envoy names it, `ns[NS]-policy[NAME]-rule[I]`.
/// - `never`: why the proxy drops the rule whole.
/// - `leftOut`: fields that the proxy ignores, which widens the rule.
record RuleReading(
        String key,
        int index,
        Optional<String> never,
        List<String> leftOut,
        List<List<Clause>> from,
        List<List<Clause>> to,
        List<Clause> when) {
    /// One field with its values; `noun` names it to a person.
    record Clause(String noun, Predicate<Call> test) {}

    boolean matches(Call call) {
        return never.isEmpty() && some(from, call) && some(to, call) && all(when, call);
    }

    private static boolean some(List<List<Clause>> entries, Call call) {
        if (entries.isEmpty()) {
            return true;
        }
        for (List<Clause> entry : entries) {
            if (all(entry, call)) {
                return true;
            }
        }
        return false;
    }

    private static boolean all(List<Clause> clauses, Call call) {
        for (Clause clause : clauses) {
            if (!clause.test().test(call)) {
                return false;
            }
        }
        return true;
    }

    /// What kept the rule from matching, of the entries that came closest; empty when it matches or is dropped whole.
    List<String> missed(Call call) {
        List<String> missed = new ArrayList<>();
        missed.addAll(closest(from, call));
        missed.addAll(closest(to, call));
        missed.addAll(nouns(when, call, false));
        return missed;
    }

    /// How many `missed` would name; counted no further than one more than `most`, which then stands for any more.
    int lacks(Call call, int most) {
        int lacks = fewest(from, call, most);
        lacks += lacks > most ? 0 : fewest(to, call, most - lacks);
        return lacks > most ? most + 1 : lacks + unmet(when, call, most - lacks);
    }

    private static int fewest(List<List<Clause>> entries, Call call, int most) {
        int fewest = entries.isEmpty() ? 0 : most + 1;
        for (int i = 0; i < entries.size() && fewest > 0; i++) {
            fewest = Math.min(fewest, unmet(entries.get(i), call, fewest - 1));
        }
        return fewest;
    }

    private static int unmet(List<Clause> clauses, Call call, int most) {
        int unmet = 0;
        for (int i = 0; i < clauses.size() && unmet <= most; i++) {
            if (!clauses.get(i).test().test(call) && !unmetBefore(clauses, i, call)) {
                unmet++;
            }
        }
        return unmet;
    }

    /// Whether an earlier clause of the same noun does not hold either: two conditions on one key are one thing to a person.
    private static boolean unmetBefore(List<Clause> clauses, int index, Call call) {
        for (int i = 0; i < index; i++) {
            if (clauses.get(i).noun().equals(clauses.get(index).noun()) && !clauses.get(i).test().test(call)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> closest(List<List<Clause>> entries, Call call) {
        List<String> best = List.of();
        for (int i = 0; i < entries.size(); i++) {
            List<String> unmet = nouns(entries.get(i), call, false);
            if (i == 0 || unmet.size() < best.size()) {
                best = unmet;
            }
            if (best.isEmpty()) {
                break;
            }
        }
        return best;
    }

    /// Of the clauses that hold, or do not: each noun once.
    private static List<String> nouns(List<Clause> clauses, Call call, boolean holding) {
        List<String> nouns = List.of();
        for (Clause clause : clauses) {
            if (clause.test().test(call) == holding && !nouns.contains(clause.noun())) {
                nouns = nouns.isEmpty() ? new ArrayList<>(4) : nouns;
                nouns.add(clause.noun());
            }
        }
        return nouns;
    }

    /// One sentence without its full stop: "rule 0 matched the source, not the path".
    String because(Call call) {
        String rule = "rule " + index + " ";
        if (never.isPresent()) {
            return rule + never.get();
        }
        List<String> source = closest(from, call);
        List<String> operation = closest(to, call);
        List<String> met = new ArrayList<>(4);
        if (says(from) && source.isEmpty()) {
            met.add("the source");
        }
        if (says(to) && operation.isEmpty()) {
            met.add("the operation");
        }
        met.addAll(nouns(when, call, true));
        List<String> missed = new ArrayList<>(4);
        missed.addAll(source);
        missed.addAll(operation);
        missed.addAll(nouns(when, call, false));
        String ignored =
                leftOut.isEmpty() ? "" : "; it is wider than written, because " + does(leftOut, "not count here");
        if (missed.isEmpty()) {
            return rule + "matched " + (met.isEmpty() ? "every call" : words(met, "and")) + ignored;
        }
        return rule + (met.isEmpty() ? "did not match " : "matched " + words(met, "and") + ", not ")
                + words(missed, "or") + ignored;
    }

    /// Whether the entries leave anything out.
    private static boolean says(List<List<Clause>> entries) {
        for (List<Clause> entry : entries) {
            if (entry.isEmpty()) {
                return false;
            }
        }
        return !entries.isEmpty();
    }

    /// "the host and the path do not count here".
    static String does(List<String> nouns, String rest) {
        return words(nouns, "and") + (nouns.size() == 1 ? " does " : " do ") + rest;
    }

    /// "the host, the method or the path".
    static String words(List<String> nouns, String last) {
        return nouns.size() == 1
                ? nouns.getFirst()
                : String.join(", ", nouns.subList(0, nouns.size() - 1)) + " " + last + " " + nouns.getLast();
    }
}
