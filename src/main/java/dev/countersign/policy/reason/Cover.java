package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Words for a set of atoms: the fewest matchers that make it up, or that make up the rest.
record Cover(List<Matcher> any, List<Matcher> except, boolean exact) {
    static Cover of(Dimension dimension, AtomSet atoms) {
        return of(dimension, atoms, dimension.all(), matcher -> true);
    }

    /// Within `universe`, using the matchers that `words` lets through.
    static Cover of(Dimension dimension, AtomSet atoms, AtomSet universe, Predicate<Matcher> words) {
        if (universe.within(atoms)) {
            return new Cover(List.of(), List.of(), true);
        }
        Optional<List<Matcher>> positive = cover(dimension, atoms, universe, words);
        AtomSet rest = universe.minus(atoms);
        Optional<List<Matcher>> negative = cover(dimension, rest, universe, words);
        if (positive.isPresent() && (negative.isEmpty() || positive.get().size() <= negative.get().size() + 2)) {
            return new Cover(positive.get(), List.of(), true);
        }
        if (negative.isPresent()) {
            return new Cover(List.of(), negative.get(), true);
        }
        List<Matcher> outer = new ArrayList<>();
        AtomSet reached = AtomSet.none(dimension.atoms());
        while (!atoms.within(reached)) {
            AtomSet missing = atoms.minus(reached);
            Optional<Integer> best = indices(dimension, words)
                    .filter(m -> dimension.sets().get(m).meets(missing))
                    .min(Comparator.comparingInt(m -> dimension.sets().get(m).and(universe).minus(atoms).size()));
            if (best.isEmpty()) {
                return new Cover(List.of(), List.of(), false);
            }
            outer.add(dimension.matchers().get(best.get()));
            reached = reached.or(dimension.sets().get(best.get()).and(universe));
        }
        return cover(dimension, reached.minus(atoms), universe, words)
                .map(except -> new Cover(outer, except, true))
                .orElse(new Cover(List.of(), List.of(), false));
    }

    private static Optional<List<Matcher>> cover(
            Dimension dimension, AtomSet atoms, AtomSet universe, Predicate<Matcher> words) {
        List<Matcher> chosen = new ArrayList<>();
        AtomSet missing = atoms;
        while (!missing.isEmpty()) {
            AtomSet left = missing;
            Optional<Integer> best = indices(dimension, words)
                    .filter(m -> dimension.sets().get(m).and(universe).within(atoms))
                    .filter(m -> dimension.sets().get(m).meets(left))
                    .max(Comparator.comparingInt(m -> dimension.sets().get(m).and(left).size()));
            if (best.isEmpty()) {
                return Optional.empty();
            }
            chosen.add(dimension.matchers().get(best.get()));
            missing = missing.minus(dimension.sets().get(best.get()));
        }
        return Optional.of(chosen);
    }

    private static java.util.stream.Stream<Integer> indices(Dimension dimension, Predicate<Matcher> words) {
        return java.util.stream.IntStream.range(0, dimension.matchers().size())
                .boxed()
                .filter(m -> words.test(dimension.matchers().get(m)));
    }
}
