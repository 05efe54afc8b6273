package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.reason.DimensionKey.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// All calls, as a product of dimensions: one for each thing that some cube looks at, and always who calls. A call is a
/// choice of one atom in each.
///
/// `incomplete`: the dimensions of which some atoms are missing because there are too many.
final class Space {
    private final List<Dimension> dimensions = new ArrayList<>();
    private final List<DimensionKey> incomplete = new ArrayList<>();
    private final Map<DimensionKey, Map<Matcher, AtomSet>> sets = new LinkedHashMap<>();
    private final Set<Integer> knownPorts;

    private Space(Set<Integer> knownPorts) {
        this.knownPorts = knownPorts;
    }

    static Space of(Collection<Cube> cubes, Set<Integer> knownPorts) {
        TreeMap<DimensionKey, Set<Matcher>> matchers = new TreeMap<>();
        matchers.put(DimensionKey.IDENTITY, new LinkedHashSet<>());
        for (Cube cube : cubes) {
            for (Literal literal : cube.literals()) {
                Set<Matcher> of = matchers.computeIfAbsent(literal.key(), key -> new LinkedHashSet<>());
                of.addAll(literal.any());
                of.addAll(literal.none());
            }
        }
        Space space = new Space(knownPorts);
        matchers.forEach((key, of) -> space.add(key, List.copyOf(of)));
        return space;
    }

    List<Dimension> dimensions() {
        return dimensions;
    }

    List<DimensionKey> incomplete() {
        return incomplete;
    }

    /// The cube's atoms in each dimension; null where it demands nothing. Empty if no call can be in it.
    Optional<AtomSet[]> atoms(Cube cube) {
        AtomSet[] atoms = new AtomSet[dimensions.size()];
        for (Literal literal : cube.literals()) {
            int d = index(literal.key());
            AtomSet set = set(dimensions.get(d), literal);
            atoms[d] = atoms[d] == null ? set : atoms[d].and(set);
        }
        for (int d = 0; d < atoms.length; d++) {
            if (atoms[d] != null && atoms[d].isEmpty()) {
                return Optional.empty();
            }
            if (atoms[d] != null && atoms[d].size() == dimensions.get(d).atoms()) {
                atoms[d] = null;
            }
        }
        return Optional.of(atoms);
    }

    private int index(DimensionKey key) {
        for (int d = 0; d < dimensions.size(); d++) {
            if (dimensions.get(d).key().equals(key)) {
                return d;
            }
        }
        throw new IllegalStateException("no dimension " + key);
    }

    private AtomSet set(Dimension dimension, Literal literal) {
        Map<Matcher, AtomSet> of = sets.get(dimension.key());
        AtomSet set = literal.limited() ? AtomSet.none(dimension.atoms()) : dimension.all();
        for (Matcher matcher : literal.any()) {
            set = set.or(of.get(matcher));
        }
        for (Matcher matcher : literal.none()) {
            set = set.minus(of.get(matcher));
        }
        return set;
    }

    private void add(DimensionKey key, List<Matcher> matchers) {
        Dimension dimension = switch (key.kind()) {
            case IDENTITY -> {
                Combinations<Optional<String>> peers = Peers.combinations(as(Matcher.OfPeer.class, matchers));
                // Plain text is never told apart from an identity that nobody names, except to people.
                yield dimension(key, matchers, peers, Optional.empty());
            }
            case PROTOCOL -> Dimension.of(
                    key, matchers, Map.of(AtomSet.single(1, 0), true), false);
            case METHOD -> text(key, matchers, Universe.METHOD);
            case PATH -> text(key, matchers, Universe.PATH);
            case HOST -> text(key, matchers, Universe.HOST);
            case HEADER -> optionalText(key, matchers);
            case SNI -> text(key, matchers, Universe.VALUE);
            case PORT -> Dimension.of(key, matchers, ports(as(Matcher.OfPort.class, matchers)));
            case SOURCE_IP, REMOTE_IP, DESTINATION_IP -> Dimension.of(
                    key,
                    matchers,
                    Blocks.combinations(as(Matcher.OfBlock.class, matchers).stream()
                            .map(Matcher.OfBlock::block)
                            .toList()));
            case TOKEN -> dimension(key, matchers, Claims.token(matchers));
            case CLAIM -> dimension(key, matchers, Claims.claim(as(Matcher.OfClaim.class, matchers)));
            case METADATA -> dimension(key, matchers, Claims.metadata(as(Matcher.OfMetadata.class, matchers)));
            case AUTHORIZER -> authorizer(key, matchers);
        };
        dimensions.add(dimension);
        Map<Matcher, AtomSet> of = new LinkedHashMap<>();
        for (int m = 0; m < matchers.size(); m++) {
            of.put(matchers.get(m), dimension.sets().get(m));
        }
        sets.put(key, of);
    }

    private Dimension text(DimensionKey key, List<Matcher> matchers, Universe universe) {
        return dimension(key, matchers, StringAtoms.of(texts(matchers), universe));
    }

    /// A header may be absent, which no matcher matches.
    private Dimension optionalText(DimensionKey key, List<Matcher> matchers) {
        Combinations<String> strings = StringAtoms.of(texts(matchers), Universe.VALUE);
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        found.put(AtomSet.none(matchers.size()), Claims.ABSENT);
        strings.found().forEach(found::putIfAbsent);
        return dimension(key, matchers, new Combinations<>(found, strings.complete()));
    }

    private Dimension dimension(DimensionKey key, List<Matcher> matchers, Combinations<?> combinations, Object... others) {
        if (!combinations.complete()) {
            incomplete.add(key);
        }
        return Dimension.of(key, matchers, combinations.found(), others);
    }

    private Map<AtomSet, Integer> ports(List<Matcher.OfPort> matchers) {
        Map<AtomSet, Integer> found = new LinkedHashMap<>();
        for (int m = 0; m < matchers.size(); m++) {
            int port = matchers.get(m).port();
            if (port >= 0 && port <= 65535) {
                found.put(AtomSet.single(matchers.size(), m), port);
            }
        }
        List<Integer> candidates = new ArrayList<>(knownPorts);
        candidates.addAll(List.of(8080, 80, 443, 9090));
        for (int port = 1; port <= matchers.size() + 1; port++) {
            candidates.add(port);
        }
        candidates.stream()
                .filter(port -> matchers.stream().noneMatch(matcher -> matcher.port() == port))
                .findFirst()
                .ifPresent(port -> found.put(AtomSet.none(matchers.size()), port));
        return found;
    }

    private static Dimension authorizer(DimensionKey key, List<Matcher> matchers) {
        boolean[] both = new boolean[matchers.size()];
        boolean[] http = new boolean[matchers.size()];
        for (int m = 0; m < both.length; m++) {
            both[m] = true;
            http[m] = matchers.get(m).equals(Formula.REFUSES_HTTP);
        }
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        found.put(AtomSet.none(both.length), new ExternalAuthorizer(false, true));
        found.put(AtomSet.of(both.length, both), new ExternalAuthorizer(false, false));
        found.putIfAbsent(AtomSet.of(http.length, http), new ExternalAuthorizer(true, false));
        return Dimension.of(key, matchers, found);
    }

    private static List<Text> texts(List<Matcher> matchers) {
        return as(Matcher.OfText.class, matchers).stream().map(Matcher.OfText::text).toList();
    }

    private static <T extends Matcher> List<T> as(Class<T> type, List<Matcher> matchers) {
        return matchers.stream().map(type::cast).toList();
    }
}
