package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// A decision diagram over the dimensions of a space: for every call whether two formulas disagree, and how. Built by
/// going through the dimensions in order and grouping the atoms that the remaining cubes cannot tell apart; wherever both
/// sides are settled, or what remains is the same on both, it stops. So unchanged rules cost next to nothing.
final class Diagram {
    /// Beyond this many nodes the question is given up rather than the machine.
    static final int MAX_NODES = 500_000;

    private static final int BEFORE_DENIES = 1;
    private static final int BEFORE_ALLOWS = 2;
    private static final int AFTER_DENIES = 4;
    private static final int AFTER_ALLOWS = 8;

    /// How the two sides differ.
    enum Leaf implements Node {
        SAME,
        OPENED,
        CUT
    }

    sealed interface Node permits Leaf, Fork {}

    /// One dimension, its atoms grouped by where they lead. Equal forks are one object.
    record Fork(int dimension, Map<Node, AtomSet> ways) implements Node {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// Flags of one side: a deny covers the call; an allow does, or none is needed.
    private record State(int dimension, boolean[] flags, AtomSet active) {
        @Override
        public boolean equals(Object other) {
            return other instanceof State state && dimension == state.dimension && active.equals(state.active)
                    && java.util.Arrays.equals(flags, state.flags);
        }

        @Override
        public int hashCode() {
            return (dimension * 31 + java.util.Arrays.hashCode(flags)) * 31 + active.hashCode();
        }
    }

    private final List<Dimension> dimensions;
    private final List<AtomSet[]> cubes = new ArrayList<>();
    private final List<Integer> roles = new ArrayList<>();
    private final int[] lastDimension;
    private final Map<State, Node> nodes = new HashMap<>();
    private final Map<List<Object>, Fork> forks = new HashMap<>();
    private final Node root;

    private Diagram(Space space, Formula before, Formula after) {
        dimensions = space.dimensions();
        Map<List<Optional<AtomSet>>, Integer> index = new HashMap<>();
        add(space, index, before.denies(), BEFORE_DENIES);
        add(space, index, before.allows(), BEFORE_ALLOWS);
        add(space, index, after.denies(), AFTER_DENIES);
        add(space, index, after.allows(), AFTER_ALLOWS);
        lastDimension = new int[cubes.size()];
        for (int c = 0; c < lastDimension.length; c++) {
            lastDimension[c] = -1;
            for (int d = 0; d < dimensions.size(); d++) {
                if (cubes.get(c)[d] != null) {
                    lastDimension[c] = d;
                }
            }
        }
        root = build(0, new boolean[] {false, !before.closed(), false, !after.closed()}, AtomSet.all(cubes.size()));
    }

    static Diagram of(Space space, Formula before, Formula after) {
        return new Diagram(space, before, after);
    }

    /// Whether the formulas agree on every call.
    boolean same() {
        return root == Leaf.SAME;
    }

    /// Every region of disagreement: its leaf and its atoms in each dimension, null for all. Regions do not overlap, and
    /// together they are all disagreement.
    void regions(BiConsumer<Leaf, AtomSet[]> action) {
        walk(root, new AtomSet[dimensions.size()], action);
    }

    private void walk(Node node, AtomSet[] path, BiConsumer<Leaf, AtomSet[]> action) {
        switch (node) {
            case Leaf leaf -> {
                if (leaf != Leaf.SAME) {
                    action.accept(leaf, path.clone());
                }
            }
            case Fork fork -> {
                fork.ways().forEach((next, atoms) -> {
                    path[fork.dimension()] = atoms;
                    walk(next, path, action);
                });
                path[fork.dimension()] = null;
            }
        }
    }

    private void add(Space space, Map<List<Optional<AtomSet>>, Integer> index, Collection<Cube> from, int role) {
        for (Cube cube : from) {
            space.atoms(cube).ifPresent(atoms -> {
                List<Optional<AtomSet>> key = java.util.Arrays.stream(atoms).map(Optional::ofNullable).toList();
                Integer known = index.putIfAbsent(key, cubes.size());
                if (known == null) {
                    cubes.add(atoms);
                    roles.add(role);
                } else {
                    roles.set(known, roles.get(known) | role);
                }
            });
        }
    }

    private Node build(int from, boolean[] given, AtomSet candidates) {
        boolean[] flags = given.clone();
        int size = cubes.size();
        candidates.forEach(c -> {
            if (lastDimension[c] < from) {
                int role = roles.get(c);
                flags[0] |= (role & BEFORE_DENIES) != 0;
                flags[1] |= (role & BEFORE_ALLOWS) != 0;
                flags[2] |= (role & AFTER_DENIES) != 0;
                flags[3] |= (role & AFTER_ALLOWS) != 0;
            }
        });
        int[] live = new int[1];
        boolean[] active = new boolean[size];
        boolean[] asymmetric = new boolean[1];
        int[] next = {dimensions.size()};
        // A side on which nothing can allow any more is as good as denied.
        for (int round = 0; round < 2; round++) {
            int speaking = (flags[0] ? 0 : BEFORE_DENIES | (flags[1] ? 0 : BEFORE_ALLOWS))
                    | (flags[2] ? 0 : AFTER_DENIES | (flags[3] ? 0 : AFTER_ALLOWS));
            java.util.Arrays.fill(active, false);
            live[0] = 0;
            asymmetric[0] = false;
            next[0] = dimensions.size();
            candidates.forEach(c -> {
                int role = roles.get(c) & speaking;
                if (lastDimension[c] >= from && role != 0) {
                    active[c] = true;
                    live[0] |= role;
                    asymmetric[0] |= (role & 3) != role >> 2;
                    for (int d = from; d < next[0]; d++) {
                        if (cubes.get(c)[d] != null) {
                            next[0] = d;
                        }
                    }
                }
            });
            boolean beforeLost = !flags[0] && !flags[1] && (live[0] & BEFORE_ALLOWS) == 0;
            boolean afterLost = !flags[2] && !flags[3] && (live[0] & AFTER_ALLOWS) == 0;
            flags[0] |= beforeLost;
            flags[2] |= afterLost;
            if (!beforeLost && !afterLost) {
                break;
            }
        }
        // What was allowed on a side that is denied anyway is no difference.
        flags[1] |= flags[0];
        flags[3] |= flags[2];
        if (live[0] == 0) {
            boolean before = !flags[0];
            boolean after = !flags[2];
            return before == after ? Leaf.SAME : after ? Leaf.OPENED : Leaf.CUT;
        }
        if (!asymmetric[0] && flags[0] == flags[2] && flags[1] == flags[3]) {
            return Leaf.SAME;
        }
        State state = new State(next[0], flags, AtomSet.of(size, active));
        Node known = nodes.get(state);
        if (known == null) {
            known = fork(state);
            if (nodes.size() >= MAX_NODES) {
                throw new TooLarge();
            }
            nodes.put(state, known);
        }
        return known;
    }

    private Node fork(State state) {
        int d = state.dimension();
        int size = cubes.size();
        List<Block> blocks = new ArrayList<>();
        boolean[] indifferent = new boolean[size];
        blocks.add(new Block(dimensions.get(d).all(), AtomSet.none(size)));
        state.active().forEach(c -> {
            AtomSet atoms = cubes.get(c)[d];
            if (atoms == null) {
                indifferent[c] = true;
                return;
            }
            AtomSet self = AtomSet.single(size, c);
            int count = blocks.size();
            for (int b = 0; b < count; b++) {
                Block block = blocks.get(b);
                AtomSet inside = block.atoms().and(atoms);
                if (inside.isEmpty()) {
                    continue;
                }
                AtomSet outside = block.atoms().minus(atoms);
                blocks.set(b, new Block(inside, block.cubes().or(self)));
                if (!outside.isEmpty()) {
                    blocks.add(new Block(outside, block.cubes()));
                }
            }
        });
        AtomSet always = AtomSet.of(size, indifferent);
        Map<Node, AtomSet> ways = new LinkedHashMap<>();
        for (Block block : blocks) {
            ways.merge(build(d + 1, state.flags(), always.or(block.cubes())), block.atoms(), AtomSet::or);
        }
        if (ways.size() == 1) {
            return ways.keySet().iterator().next();
        }
        return forks.computeIfAbsent(List.of(d, ways), key -> new Fork(d, ways));
    }

    private record Block(AtomSet atoms, AtomSet cubes) {}
}
