package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A dimension with its atoms: classes of things that no matcher tells apart, none of them empty, together everything.
///
/// - `sets`: for each matcher, its atoms.
/// - `witnesses`: for each atom one thing of it, in the shape that `Witness` expects of this kind of dimension.
record Dimension(DimensionKey key, List<Matcher> matchers, List<AtomSet> sets, List<Object> witnesses) {
    int atoms() {
        return witnesses.size();
    }

    AtomSet all() {
        return AtomSet.all(atoms());
    }

    AtomSet set(Matcher matcher) {
        return sets.get(matchers.indexOf(matcher));
    }

    /// From combinations of matchers, each with a witness; `others` are witnesses of further atoms that no matcher matches.
    static Dimension of(DimensionKey key, List<Matcher> matchers, Map<AtomSet, ?> combinations, Object... others) {
        int atoms = combinations.size() + others.length;
        boolean[][] members = new boolean[matchers.size()][atoms];
        List<Object> witnesses = new ArrayList<>(atoms);
        combinations.forEach((combination, witness) -> {
            int atom = witnesses.size();
            combination.forEach(matcher -> members[matcher][atom] = true);
            witnesses.add(witness);
        });
        witnesses.addAll(List.of(others));
        List<AtomSet> sets = new ArrayList<>(matchers.size());
        for (boolean[] member : members) {
            sets.add(AtomSet.of(atoms, member));
        }
        return new Dimension(key, matchers, sets, witnesses);
    }
}
