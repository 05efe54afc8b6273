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
        missed.addAll(unmet(when, call));
        return missed;
    }

    private static List<String> closest(List<List<Clause>> entries, Call call) {
        List<String> best = List.of();
        for (int i = 0; i < entries.size(); i++) {
            List<String> unmet = unmet(entries.get(i), call);
            if (i == 0 || unmet.size() < best.size()) {
                best = unmet;
            }
        }
        return best;
    }

    private static List<String> unmet(List<Clause> clauses, Call call) {
        return clauses.stream().filter(clause -> !clause.test().test(call)).map(Clause::noun).distinct().toList();
    }

    /// One sentence without its full stop: "rule 0 matched the source, not the path".
    String because(Call call) {
        String rule = "rule " + index + " ";
        if (never.isPresent()) {
            return rule + never.get();
        }
        List<String> missed = missed(call);
        List<String> met = met(call);
        String ignored =
                leftOut.isEmpty() ? "" : "; it is wider than written, because " + does(leftOut, "not count here");
        if (missed.isEmpty()) {
            return rule + "matched " + (met.isEmpty() ? "every call" : words(met, "and")) + ignored;
        }
        return rule + (met.isEmpty() ? "did not match " : "matched " + words(met, "and") + ", not ")
                + words(missed, "or") + ignored;
    }

    private List<String> met(Call call) {
        List<String> met = new ArrayList<>();
        if (!from.isEmpty() && some(from, call) && !from.contains(List.<Clause>of())) {
            met.add("the source");
        }
        if (!to.isEmpty() && some(to, call) && !to.contains(List.<Clause>of())) {
            met.add("the operation");
        }
        when.stream().filter(clause -> clause.test().test(call)).map(Clause::noun).distinct().forEach(met::add);
        return met;
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
