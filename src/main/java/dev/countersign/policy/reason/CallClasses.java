package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All calls there can be, whoever makes them, in classes by which of some operations each of them is. A class is the set of
/// those operations, by number; none is empty of calls, none is missing.
///
/// - `doubts`: sentences where the classes are not all there are.
/// - `entangled`: there are too many to be told apart, and the one that is listed stands for all.
record CallClasses(List<Operations> operations, List<AtomSet> classes, List<String> doubts, boolean entangled) {
    /// More combinations than this of single demands are not gone through.
    static final int MAX_COMBINATIONS = 4096;

    /// How a combination was come by: from which other, by which atom.
    private record Step(AtomSet before, int atom) {}

    static CallClasses of(List<Operations> operations) {
        return new Search(operations).classes();
    }

    boolean proven() {
        return doubts.isEmpty() && !entangled;
    }

    /// The classes by some of the operations alone: the others are no longer told apart. `kept[i]` is the number here of the
    /// i-th of them. Null where it does not follow from these.
    @org.jspecify.annotations.Nullable CallClasses onto(List<Operations> some, int[] kept) {
        if (!proven()) {
            return null;
        }
        Set<AtomSet> found = new LinkedHashSet<>();
        for (AtomSet one : classes) {
            boolean[] members = new boolean[kept.length];
            for (int i = 0; i < kept.length; i++) {
                members[i] = one.has(kept[i]);
            }
            found.add(AtomSet.of(kept.length, members));
        }
        return new CallClasses(some, sorted(found), List.of(), false);
    }

    private static List<AtomSet> sorted(Collection<AtomSet> found) {
        AtomSet[] sorted = found.toArray(AtomSet[]::new);
        Arrays.sort(sorted, AtomSet::descending);
        return List.of(sorted);
    }

    /// A call of the class, by the principal. Finding one goes through all combinations again.
    Call witness(AtomSet one, Optional<String> principal, boolean http) {
        return new Search(operations).witness(one, principal, http);
    }

    /// In words: which operations such a call is, and which that it could be else it is not.
    String words(AtomSet one) {
        if (entangled) {
            return "make some calls of many kinds";
        }
        List<String> is = new ArrayList<>();
        List<String> isNot = new ArrayList<>();
        for (int o = 0; o < operations.size(); o++) {
            int other = o;
            if (operations.get(o).equals(Operations.ALL)) {
                continue;
            }
            if (one.has(o)) {
                // What every call of a further operation is anyway need not be said.
                is.add(operations.get(o).words());
            } else if (classes.stream().anyMatch(wider -> wider.has(other) && !wider.equals(one) && one.within(wider))) {
                isNot.add(operations.get(o).words());
            }
        }
        String what = is.isEmpty() ? (isNot.isEmpty() ? "do everything" : "do anything else") : String.join(", which is also to ", is);
        return is.isEmpty() || isNot.isEmpty() ? what : what + ", but not " + String.join(", nor ", isNot);
    }

    /// Goes through the dimensions in order; of the calls so far it knows which demands they still meet.
    private static final class Search {
        private final List<Operations> operations;
        private final List<Cube> cubes = new ArrayList<>();
        private final int[] of;

        Search(List<Operations> operations) {
            this.operations = operations;
            operations.forEach(one -> cubes.addAll(one.cubes()));
            of = new int[cubes.size()];
            int c = 0;
            for (int o = 0; o < operations.size(); o++) {
                for (int i = 0; i < operations.get(o).cubes().size(); i++) {
                    of[c++] = o;
                }
            }
        }

        CallClasses classes() {
            List<Set<AtomSet>> dimensions = new ArrayList<>();
            Set<DimensionKey> rest = new LinkedHashSet<>();
            for (Demands demands : Demands.of(cubes)) {
                demands.standing().ifPresentOrElse(dimensions::add, () -> rest.add(demands.key()));
            }
            List<String> doubts = List.of();
            if (!rest.isEmpty()) {
                Space space = space(rest);
                doubts = List.copyOf(Comparison.uncertainties(space));
                AtomSet[][] atoms = atoms(space, rest);
                for (int d = 1; d < space.dimensions().size(); d++) {
                    dimensions.add(standing(space, atoms, d).keySet());
                }
            }
            Set<AtomSet> met = Set.of(AtomSet.all(cubes.size()));
            for (Set<AtomSet> standing : dimensions) {
                Set<AtomSet> next = new LinkedHashSet<>();
                for (AtomSet before : met) {
                    standing.forEach(set -> next.add(before.and(set)));
                    if (next.size() > MAX_COMBINATIONS) {
                        return new CallClasses(operations, List.of(AtomSet.none(operations.size())), doubts, true);
                    }
                }
                met = next;
            }
            Set<AtomSet> found = new LinkedHashSet<>();
            met.forEach(one -> found.add(operations(one)));
            return new CallClasses(operations, sorted(found), doubts, false);
        }

        /// Of the demands on those dimensions alone.
        private Space space(Set<DimensionKey> keys) {
            return Space.of(cubes.stream().map(cube -> only(cube, keys)).toList(), Set.of());
        }

        private static Cube only(Cube cube, Set<DimensionKey> keys) {
            return new Cube(cube.literals().stream().filter(literal -> keys.contains(literal.key())).toList());
        }

        /// Of a cube that no call is in, none in any dimension.
        private AtomSet[][] atoms(Space space, Set<DimensionKey> keys) {
            AtomSet[][] atoms = new AtomSet[cubes.size()][];
            for (int c = 0; c < atoms.length; c++) {
                atoms[c] = space.atoms(only(cubes.get(c), keys)).orElseGet(() ->
                        space.dimensions().stream().map(dimension -> AtomSet.none(dimension.atoms())).toArray(AtomSet[]::new));
            }
            return atoms;
        }

        private AtomSet operations(AtomSet met) {
            boolean[] members = new boolean[operations.size()];
            met.forEach(c -> members[of[c]] = true);
            return AtomSet.of(members.length, members);
        }

        /// The cubes that single atoms of a dimension leave standing, each with the first such atom.
        private static Map<AtomSet, Integer> standing(Space space, AtomSet[][] atoms, int dimension) {
            Map<AtomSet, Integer> standing = new LinkedHashMap<>();
            for (int atom = 0; atom < space.dimensions().get(dimension).atoms(); atom++) {
                boolean[] met = new boolean[atoms.length];
                for (int c = 0; c < met.length; c++) {
                    met[c] = atoms[c][dimension] == null || atoms[c][dimension].has(atom);
                }
                standing.putIfAbsent(AtomSet.of(met.length, met), atom);
            }
            return standing;
        }

        Call witness(AtomSet one, Optional<String> principal, boolean http) {
            Space space = Space.of(cubes, Set.of());
            AtomSet[][] atoms = new AtomSet[cubes.size()][];
            boolean[] possible = new boolean[cubes.size()];
            for (int c = 0; c < atoms.length; c++) {
                Optional<AtomSet[]> own = space.atoms(cubes.get(c));
                possible[c] = own.isPresent();
                atoms[c] = own.orElseGet(() -> new AtomSet[space.dimensions().size()]);
            }
            WitnessMaker maker = new WitnessMaker(space.dimensions(), http, Known.NOTHING);
            List<Map<AtomSet, Step>> levels = new ArrayList<>();
            AtomSet start = AtomSet.of(possible.length, possible);
            levels.add(Map.of(start, new Step(start, 0)));
            // Identities, the first dimension, are passed over.
            for (int d = 1; d < space.dimensions().size(); d++) {
                Map<AtomSet, Integer> standing = standing(space, atoms, d);
                Map<AtomSet, Step> next = new LinkedHashMap<>();
                levels.getLast().keySet().forEach(before ->
                        standing.forEach((set, atom) -> next.computeIfAbsent(before.and(set), met -> new Step(before, atom))));
                levels.add(next);
                if (next.size() > MAX_COMBINATIONS) {
                    return maker.of(principal, new int[space.dimensions().size()]);
                }
            }
            AtomSet met = levels.getLast().keySet().stream()
                    .filter(last -> operations(last).equals(one))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no class " + one + " of " + operations));
            int[] chosen = new int[levels.size()];
            for (int d = levels.size() - 1; d > 0; d--) {
                Step step = levels.get(d).get(met);
                chosen[d] = step.atom();
                met = step.before();
            }
            return maker.of(principal, chosen);
        }
    }
}
