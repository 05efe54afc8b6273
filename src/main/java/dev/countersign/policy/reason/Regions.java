package dev.countersign.policy.reason;

import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Matcher.OfPeer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    private record Told(int rank, Region region) {}

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
        return regions(opened);
    }

    List<Region> cut() {
        return regions(cut);
    }

    Optional<String> omitted() {
        return omitted == 0
                ? Optional.empty()
                : Optional.of(omitted + " more regions differ than are listed. Compare smaller changes to see them all.");
    }

    private static List<Region> regions(List<Told> told) {
        return told.stream().sorted(Comparator.comparingInt(Told::rank)).map(Told::region).toList();
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
            add(leaf, rank + 1, others(others), principal(others.first()), facets, atoms);
        }
        if (callers.has(plain)) {
            add(leaf, rank + 2, new Party.WithoutIdentity(), Optional.empty(), facets, atoms);
        }
    }

    private void add(
            Diagram.Leaf leaf, int rank, Party party, Optional<String> principal, List<Facet> facets, AtomSet[] atoms) {
        boolean opens = leaf == Diagram.Leaf.OPENED;
        List<Told> told = opens ? opened : cut;
        if (told.size() >= Comparison.MAX_REGIONS) {
            omitted++;
            return;
        }
        String description = opens ? phrases.opened(party, facets) : phrases.cut(party, facets);
        told.add(new Told(rank, new Region(party, facets, description, witnesses.of(principal, atoms))));
    }

    private Party others(AtomSet others) {
        AtomSet open = identities.all().minus(AtomSet.single(identities.atoms(), plain));
        for (int m = 0; m < identities.matchers().size(); m++) {
            if (((OfPeer) identities.matchers().get(m)).single()) {
                open = open.minus(identities.sets().get(m));
            }
        }
        Cover cover = Cover.of(identities, others, open, matcher -> !((OfPeer) matcher).single());
        return cover.exact()
                ? new Party.Others(labels(cover.any()), labels(cover.except()))
                : new Party.Others(List.of("such as " + principal(others.first()).orElseThrow()), List.of());
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
