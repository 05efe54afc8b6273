package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Matcher.OfPeer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/// Turns the diagram's regions into ones that people read: told for each caller who has a name, then for the others.
final class Regions {
    private final Space space;
    private final Phrases phrases;
    private final WitnessMaker witnesses;
    private final Dimension identities;
    private final int plain;
    private final Map<Spiffe, Integer> live = new LinkedHashMap<>();
    private final Map<Integer, String> named = new LinkedHashMap<>();
    private final List<Told> opened = new ArrayList<>();
    private final List<Told> cut = new ArrayList<>();
    private int omitted;

    /// One region to be; `covered` are the identity atoms that "others" would include, named ones too.
    private record Told(int rank, Party party, List<Facet> facets, Call witness, AtomSet covered) {}

    Regions(Space space, MeshSettings mesh, Workload workload, Known known) {
        this.space = space;
        this.phrases = new Phrases(mesh, workload);
        this.witnesses = new WitnessMaker(space.dimensions(), Comparison.speaksHttp(workload), known);
        this.identities = space.dimensions().getFirst();
        this.plain = identities.atoms() - 1;
        for (Spiffe identity : known.identities()) {
            live.put(identity, atom(identity));
        }
        for (int m = 0; m < identities.matchers().size(); m++) {
            OfPeer peer = (OfPeer) identities.matchers().get(m);
            if (peer.single() && !identities.sets().get(m).isEmpty()) {
                int atom = identities.sets().get(m).first();
                named.put(atom, principal(atom).orElseThrow());
            }
        }
        live.values().forEach(named::remove);
    }

    List<Region> opened() {
        return regions(opened, phrases::opened);
    }

    List<Region> cut() {
        return regions(cut, phrases::cut);
    }

    Optional<String> omitted() {
        return omitted == 0
                ? Optional.empty()
                : Optional.of(omitted + " more regions differ than are listed. Compare smaller changes to see them all.");
    }

    private List<Region> regions(List<Told> told, BiFunction<Party, List<Facet>, String> describe) {
        Set<String> byName = new HashSet<>();
        for (Told one : told) {
            if (one.party() instanceof Party.One(String principal, boolean live)) {
                byName.add(principal);
            }
        }
        List<Region> regions = new ArrayList<>();
        told.stream().sorted(Comparator.comparingInt(Told::rank)).forEach(one -> {
            Party party = one.party() instanceof Party.Others others ? without(others, one.covered(), byName) : one.party();
            regions.add(new Region(party, one.facets(), describe.apply(party, one.facets()), one.witness()));
        });
        return regions;
    }

    /// "Others" leave out who is told by name. Whom a policy names but no region tells is excepted in so many words, or
    /// nobody could see that they are left out: under a DENY of all but x, "every other identity" is not the whole story.
    private Party without(Party.Others others, AtomSet covered, Set<String> byName) {
        TreeSet<String> except = new TreeSet<>(others.except());
        for (int m = 0; m < identities.matchers().size(); m++) {
            AtomSet atoms = identities.sets().get(m);
            if (((OfPeer) identities.matchers().get(m)).single() && !atoms.isEmpty() && covered.has(atoms.first())) {
                principal(atoms.first()).filter(one -> !byName.contains(one)).ifPresent(except::add);
            }
        }
        return new Party.Others(others.any(), List.copyOf(except));
    }

    void add(Diagram.Leaf leaf, AtomSet[] atoms) {
        List<Facet> facets = facets(atoms);
        AtomSet callers = atoms[0] == null ? identities.all() : atoms[0];
        // Live callers first, and of them those who gain or lose everything.
        int rank = facets.isEmpty() ? 0 : live.size();
        for (Map.Entry<Spiffe, Integer> identity : live.entrySet()) {
            if (callers.has(identity.getValue())) {
                String principal = identity.getKey().principal();
                add(leaf, rank, new Party.One(principal, true), Optional.of(principal), facets, atoms);
            }
            rank++;
        }
        rank = 2 * live.size();
        AtomSet others = callers.minus(AtomSet.single(identities.atoms(), plain));
        for (Map.Entry<Integer, String> one : named.entrySet()) {
            if (callers.has(one.getKey())) {
                add(leaf, rank, new Party.One(one.getValue(), false), Optional.of(one.getValue()), facets, atoms);
                others = others.minus(AtomSet.single(identities.atoms(), one.getKey()));
            }
        }
        for (int atom : live.values()) {
            if (callers.has(atom) && point(atom)) {
                others = others.minus(AtomSet.single(identities.atoms(), atom));
            }
        }
        if (!others.isEmpty()) {
            Cover cover = cover(others);
            add(leaf, rank + 1, others(others, cover), principal(others.first()), facets, atoms, covered(cover));
        }
        if (callers.has(plain)) {
            add(leaf, rank + 2, new Party.WithoutIdentity(), Optional.empty(), facets, atoms);
        }
    }

    private void add(
            Diagram.Leaf leaf, int rank, Party party, Optional<String> principal, List<Facet> facets, AtomSet[] atoms) {
        add(leaf, rank, party, principal, facets, atoms, AtomSet.none(identities.atoms()));
    }

    private void add(
            Diagram.Leaf leaf,
            int rank,
            Party party,
            Optional<String> principal,
            List<Facet> facets,
            AtomSet[] atoms,
            AtomSet covered) {
        boolean opens = leaf == Diagram.Leaf.OPENED;
        List<Told> told = opens ? opened : cut;
        if (told.size() >= Comparison.MAX_REGIONS) {
            omitted++;
            return;
        }
        told.add(new Told(rank, party, facets, witnesses.of(principal, atoms), covered));
    }

    /// Words for callers without a name of their own, over identities that no policy names.
    private Cover cover(AtomSet others) {
        AtomSet open = identities.all().minus(AtomSet.single(identities.atoms(), plain));
        for (int m = 0; m < identities.matchers().size(); m++) {
            if (((OfPeer) identities.matchers().get(m)).single()) {
                open = open.minus(identities.sets().get(m));
            }
        }
        return Cover.of(identities, others, open, matcher -> !((OfPeer) matcher).single());
    }

    private Party others(AtomSet others, Cover cover) {
        return cover.exact()
                ? new Party.Others(labels(cover.any()), labels(cover.except()))
                : new Party.Others(List.of("such as " + principal(others.first()).orElseThrow()), List.of());
    }

    /// What the words take in, identities that policies name among it.
    private AtomSet covered(Cover cover) {
        if (!cover.exact()) {
            return AtomSet.none(identities.atoms());
        }
        AtomSet covered = cover.any().isEmpty() ? identities.all() : union(cover.any());
        return covered.minus(union(cover.except()));
    }

    private AtomSet union(List<Matcher> matchers) {
        AtomSet union = AtomSet.none(identities.atoms());
        for (Matcher matcher : matchers) {
            union = union.or(identities.sets().get(identities.matchers().indexOf(matcher)));
        }
        return union;
    }

    private List<Facet> facets(AtomSet[] atoms) {
        List<Facet> facets = new ArrayList<>();
        for (int d = 1; d < atoms.length; d++) {
            if (atoms[d] == null) {
                continue;
            }
            Dimension dimension = space.dimensions().get(d);
            String attribute = dimension.key().attribute();
            if (dimension.key().kind() == DimensionKey.Kind.PROTOCOL) {
                facets.add(new Facet(attribute, List.of(atoms[d].has(0) ? "HTTP" : "TCP"), List.of(), false));
                continue;
            }
            Cover cover = Cover.of(dimension, atoms[d]);
            facets.add(cover.exact()
                    ? new Facet(attribute, labels(cover.any()), labels(cover.except()), false)
                    : new Facet(attribute, examples(dimension, atoms[d]), List.of(), true));
        }
        // That a method or a path is HTTP goes without saying.
        boolean http = facets.stream().anyMatch(facet -> facet.attribute().equals("method") || facet.attribute().equals("path"));
        facets.removeIf(facet -> http && facet.attribute().equals("protocol"));
        return facets;
    }

    private static List<String> labels(List<Matcher> matchers) {
        return matchers.stream().map(Matcher::label).distinct().sorted().toList();
    }

    private static List<String> examples(Dimension dimension, AtomSet atoms) {
        List<String> examples = new ArrayList<>();
        atoms.forEach(atom -> {
            if (examples.size() < 3) {
                examples.add(dimension.witnesses().get(atom).toString());
            }
        });
        return examples;
    }

    private Optional<String> principal(int atom) {
        return ((Optional<?>) identities.witnesses().get(atom)).map(String.class::cast);
    }

    private boolean point(int atom) {
        for (int m = 0; m < identities.matchers().size(); m++) {
            if (((OfPeer) identities.matchers().get(m)).single() && identities.sets().get(m).has(atom)) {
                return true;
            }
        }
        return false;
    }

    private int atom(Spiffe identity) {
        AtomSet atoms = identities.all().minus(AtomSet.single(identities.atoms(), plain));
        for (int m = 0; m < identities.matchers().size(); m++) {
            AtomSet set = identities.sets().get(m);
            atoms = Peers.matches((OfPeer) identities.matchers().get(m), identity) ? atoms.and(set) : atoms.minus(set);
        }
        return atoms.first();
    }
}
