package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The atoms of a set of strings: every combination of the given texts that some string of the universe realises, each with
/// such a string. Two ways, by what is asked:
///
/// - Exact, prefix and suffix alone: a string that equals no exact value is known by its longest prefix and its longest
///   suffix among those given, and filling between the two realises each pair. So the exact values, and the pairs with
///   filling, are all there is.
/// - Anything else: the product automaton, apart for values that have no string in common, so that each run is small.
final class StringAtoms {
    private StringAtoms() {}

    static Combinations<String> of(List<Text> texts, Universe universe) {
        boolean folds = texts.stream().anyMatch(Text::fold);
        boolean cuts = texts.stream().anyMatch(Text::beforeQuery);
        boolean uniform = texts.stream().allMatch(t -> t.simple() && t.fold() == folds && t.beforeQuery() == cuts
                || t.kind() == Text.Kind.ANYTHING || t.kind() == Text.Kind.NEVER);
        return uniform ? Combinations.all(byCandidates(texts, universe, folds, cuts)) : byGroups(texts, universe);
    }

    /// Strings that realise every combination, some more than once; where one is enough to choose a witness by, `of` finds a
    /// better one. Empty where texts are not plain enough. None has a query where the texts speak of none.
    static Optional<List<String>> candidates(List<Text> texts, Universe universe) {
        boolean folds = false;
        boolean cuts = false;
        for (Text text : texts) {
            folds |= text.fold();
            cuts |= text.beforeQuery();
        }
        Set<String> prefixes = new LinkedHashSet<>();
        Set<String> suffixes = new LinkedHashSet<>();
        List<String> candidates = new ArrayList<>();
        prefixes.add("");
        suffixes.add("");
        for (Text text : texts) {
            boolean anything = text.kind() == Text.Kind.ANYTHING || text.kind() == Text.Kind.NEVER;
            if (!text.simple() || !anything && (text.fold() != folds || text.beforeQuery() != cuts)) {
                return Optional.empty();
            }
            switch (text.kind()) {
                case EXACT -> candidate(candidates, universe, text.value(), cuts);
                case PREFIX -> prefixes.add(text.value());
                case SUFFIX -> suffixes.add(text.value());
                default -> {}
            }
        }
        if (universe.mayBeEmpty()) {
            candidates.add("");
        }
        String filling = unused(texts, folds);
        for (String prefix : prefixes) {
            for (String suffix : suffixes) {
                candidate(candidates, universe, (prefix.isEmpty() ? universe.before() : prefix) + filling + suffix, cuts);
            }
        }
        return Optional.of(candidates);
    }

    private static void candidate(List<String> candidates, Universe universe, String candidate, boolean cuts) {
        if (universe.has(candidate) && !(cuts && candidate.indexOf('?') >= 0)) {
            candidates.add(candidate);
        }
    }

    static Combinations<String> byAutomaton(List<Text> texts, Universe universe) {
        return ProductAutomaton.combinations(texts, universe);
    }

    /// Values of different groups have nothing in common, so that every combination is one within a group, or none.
    private static Combinations<String> byGroups(List<Text> texts, Universe universe) {
        boolean withoutQuery = texts.stream()
                .allMatch(text -> text.beforeQuery() || text.kind() == Text.Kind.ANYTHING || text.kind() == Text.Kind.NEVER);
        // Where a string that people like realises a combination, it is the best witness.
        Map<AtomSet, String> found = new LinkedHashMap<>();
        List<String> liked = new ArrayList<>(universe.pretty());
        liked.add(universe.before() + unused(texts, true));
        for (String string : liked) {
            if (universe.has(string)) {
                found.putIfAbsent(signature(texts, string), string);
            }
        }
        boolean noneIsKnown = found.containsKey(AtomSet.none(texts.size()));
        boolean complete = true;
        for (List<Integer> group : noneIsKnown ? groups(texts) : List.of(all(texts))) {
            List<Text> own = group.stream().map(texts::get).toList();
            Map<AtomSet, String> known = new LinkedHashMap<>();
            found.values().forEach(string -> known.putIfAbsent(signature(own, string), string));
            Combinations<String> reached = own.size() == 1 && known.size() == 2
                    ? Combinations.all(known)
                    : ProductAutomaton.combinations(
                            own, universe, withoutQuery, noneIsKnown ? beginning(own) : "", known);
            complete &= reached.complete();
            for (String string : reached.found().values()) {
                found.putIfAbsent(signature(texts, string), string);
            }
        }
        return new Combinations<>(found, complete);
    }

    private static List<Integer> all(List<Text> texts) {
        return java.util.stream.IntStream.range(0, texts.size()).boxed().toList();
    }

    private static List<List<Integer>> groups(List<Text> texts) {
        List<List<Integer>> groups = new ArrayList<>();
        for (int t = 0; t < texts.size(); t++) {
            List<Integer> own = new ArrayList<>(List.of(t));
            for (int g = groups.size() - 1; g >= 0; g--) {
                if (meets(texts, groups.get(g), t)) {
                    own.addAll(groups.remove(g));
                }
            }
            groups.add(own);
        }
        return groups;
    }

    private static boolean meets(List<Text> texts, List<Integer> group, int text) {
        for (int other : group) {
            if (!Apart.apart(texts.get(other), texts.get(text))) {
                return true;
            }
        }
        return false;
    }

    /// What all strings of all the texts begin with.
    private static String beginning(List<Text> texts) {
        String common = Apart.beginning(texts.getFirst());
        for (Text text : texts) {
            String other = Apart.beginning(text);
            int same = 0;
            while (same < Math.min(common.length(), other.length()) && common.charAt(same) == other.charAt(same)) {
                same++;
            }
            common = text.fold() ? "" : common.substring(0, same);
        }
        return common;
    }

    private static Map<AtomSet, String> byCandidates(List<Text> texts, Universe universe, boolean folds, boolean cuts) {
        Set<String> prefixes = new LinkedHashSet<>();
        Set<String> suffixes = new LinkedHashSet<>();
        prefixes.add("");
        suffixes.add("");
        Map<AtomSet, String> atoms = new LinkedHashMap<>();
        for (Text text : texts) {
            switch (text.kind()) {
                case EXACT -> add(atoms, texts, universe, text.value(), cuts);
                case PREFIX -> prefixes.add(text.value());
                case SUFFIX -> suffixes.add(text.value());
                default -> {}
            }
        }
        if (universe.mayBeEmpty()) {
            add(atoms, texts, universe, "", cuts);
        }
        for (String pretty : universe.pretty()) {
            add(atoms, texts, universe, pretty, cuts);
        }
        String filling = unused(texts, folds);
        for (String prefix : prefixes) {
            String from = prefix.isEmpty() ? universe.before() : prefix;
            for (String suffix : suffixes) {
                String generic = from + filling + suffix;
                if (!universe.has(generic) || cuts && (prefix + suffix).indexOf('?') >= 0) {
                    continue;
                }
                AtomSet signature = signature(texts, generic);
                if (!atoms.containsKey(signature)) {
                    atoms.put(signature, pretty(texts, universe, from, suffix, signature).orElse(generic));
                }
            }
        }
        return atoms;
    }

    private static void add(
            Map<AtomSet, String> atoms, List<Text> texts, Universe universe, String candidate, boolean cuts) {
        if (universe.has(candidate) && !(cuts && candidate.indexOf('?') >= 0)) {
            atoms.putIfAbsent(signature(texts, candidate), candidate);
        }
    }

    private static Optional<String> pretty(
            List<Text> texts, Universe universe, String from, String suffix, AtomSet signature) {
        List<String> fillings = new ArrayList<>(List.of("", "0", "1", "x", "00"));
        fillings.addAll(universe.pretty());
        if (suffix.isEmpty()) {
            fillings.removeFirst();
        }
        return fillings.stream()
                .map(filling -> from + filling + suffix)
                .filter(text -> universe.has(text) && signature(texts, text).equals(signature))
                .findFirst();
    }

    /// A character that no text uses: with it in between, a string extends no prefix and no suffix by chance.
    private static String unused(List<Text> texts, boolean folds) {
        StringBuilder used = new StringBuilder("/?#* ");
        texts.forEach(text -> used.append(text.value()));
        String all = used.toString();
        for (char c = '0'; c < Character.MAX_VALUE; c++) {
            boolean free = Character.isLetterOrDigit(c) && all.indexOf(c) < 0
                    && !(folds && (all.indexOf(Character.toUpperCase(c)) >= 0 || all.indexOf(Character.toLowerCase(c)) >= 0));
            if (free) {
                return String.valueOf(c);
            }
        }
        throw new IllegalStateException("the values use every character there is");
    }

    static AtomSet signature(List<Text> texts, String text) {
        boolean[] members = new boolean[texts.size()];
        for (int t = 0; t < members.length; t++) {
            members[t] = texts.get(t).matches(text);
        }
        return AtomSet.of(members.length, members);
    }
}
