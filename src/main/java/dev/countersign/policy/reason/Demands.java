package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What cubes ask of one dimension, and which of them single values of it leave standing. Plain strings, ports and the
/// protocol are gone through here, for want of a witness at little cost; other dimensions are the business of a `Space`.
final class Demands {
    private final DimensionKey key;
    private final int cubes;
    private final List<Matcher> matchers = new ArrayList<>();
    private final Map<Matcher, Integer> numbers = new HashMap<>();
    private final List<Demand> demands = new ArrayList<>();

    private record Demand(int cube, boolean limited, int[] any, int[] none) {
        boolean met(boolean[] matched) {
            return (!limited || some(any, matched)) && !some(none, matched);
        }

        private static boolean some(int[] matchers, boolean[] matched) {
            for (int matcher : matchers) {
                if (matched[matcher]) {
                    return true;
                }
            }
            return false;
        }
    }

    private Demands(DimensionKey key, int cubes) {
        this.key = key;
        this.cubes = cubes;
    }

    /// By dimension, in the order of dimensions.
    static Collection<Demands> of(List<Cube> cubes) {
        TreeMap<DimensionKey, Demands> of = new TreeMap<>();
        for (int c = 0; c < cubes.size(); c++) {
            for (Literal literal : cubes.get(c).literals()) {
                Demands demands = of.get(literal.key());
                if (demands == null) {
                    demands = new Demands(literal.key(), cubes.size());
                    of.put(literal.key(), demands);
                }
                demands.demands.add(new Demand(c, literal.limited(), demands.numbers(literal.any()), demands.numbers(literal.none())));
            }
        }
        return of.values();
    }

    private int[] numbers(List<Matcher> of) {
        int[] found = new int[of.size()];
        for (int i = 0; i < found.length; i++) {
            Integer number = numbers.putIfAbsent(of.get(i), matchers.size());
            if (number == null) {
                number = matchers.size();
                matchers.add(of.get(i));
            }
            found[i] = number;
        }
        return found;
    }

    DimensionKey key() {
        return key;
    }

    /// The sets of cubes that values leave standing; empty where a `Space` has to tell.
    Optional<Set<AtomSet>> standing() {
        return switch (key.kind()) {
            case PROTOCOL -> {
                Set<AtomSet> standing = new LinkedHashSet<>();
                standing.add(standing(allMatched(true)));
                standing.add(standing(allMatched(false)));
                yield Optional.of(standing);
            }
            case PORT -> Optional.of(ports());
            case METHOD -> texts(Universe.METHOD, false);
            case PATH -> texts(Universe.PATH, false);
            case HOST -> texts(Universe.HOST, false);
            case HEADER -> texts(Universe.VALUE, true);
            case SNI -> texts(Universe.VALUE, false);
            default -> Optional.empty();
        };
    }

    /// Each port by itself, and any other.
    private Set<AtomSet> ports() {
        Set<AtomSet> standing = new LinkedHashSet<>();
        standing.add(standing(allMatched(false)));
        for (int m = 0; m < matchers.size(); m++) {
            int port = ((Matcher.OfPort) matchers.get(m)).port();
            if (port >= 0 && port <= 65535) {
                boolean[] matched = allMatched(false);
                matched[m] = true;
                standing.add(standing(matched));
            }
        }
        return standing;
    }

    private Optional<Set<AtomSet>> texts(Universe universe, boolean mayBeAbsent) {
        List<Text> texts = new ArrayList<>(matchers.size());
        for (Matcher matcher : matchers) {
            texts.add(((Matcher.OfText) matcher).text());
        }
        Optional<List<String>> candidates = StringAtoms.candidates(texts, universe);
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        Set<AtomSet> standing = new LinkedHashSet<>();
        if (mayBeAbsent) {
            standing.add(standing(allMatched(false)));
        }
        boolean[] matched = new boolean[texts.size()];
        for (String candidate : candidates.get()) {
            for (int t = 0; t < matched.length; t++) {
                matched[t] = texts.get(t).matches(candidate);
            }
            standing.add(standing(matched));
        }
        return Optional.of(standing);
    }

    private boolean[] allMatched(boolean value) {
        boolean[] matched = new boolean[matchers.size()];
        Arrays.fill(matched, value);
        return matched;
    }

    private AtomSet standing(boolean[] matched) {
        boolean[] standing = new boolean[cubes];
        Arrays.fill(standing, true);
        for (Demand demand : demands) {
            if (!demand.met(matched)) {
                standing[demand.cube()] = false;
            }
        }
        return AtomSet.of(cubes, standing);
    }
}
