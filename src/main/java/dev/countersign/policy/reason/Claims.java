package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Matcher.OfClaim;
import dev.countersign.policy.reason.Matcher.OfMetadata;
import dev.countersign.policy.reason.Matcher.OfToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The combinations of values with structure: a claim is absent, a string, a list of strings or an object of claims. A
/// list satisfies whatever its elements satisfy, so lists realise every union of what strings realise.
///
/// Unions double with every independent value: beyond `MAX_COMBINATIONS` the longer lists are left out, and it says so.
final class Claims {
    static final int MAX_COMBINATIONS = 4096;

    /// What stands where there is nothing.
    static final Object ABSENT = "(absent)";

    private final int size;
    private boolean complete = true;

    private Claims(int size) {
        this.size = size;
    }

    /// Over one top-level claim, each with its value.
    static Combinations<Object> claim(List<OfClaim> matchers) {
        Claims claims = new Claims(matchers.size());
        Map<AtomSet, Object> found =
                claims.node(matchers, IntStream.range(0, matchers.size()).boxed().toList(), 1);
        return new Combinations<>(found, claims.complete);
    }

    /// Over the claims `iss` and `sub`, each with both in a map.
    static Combinations<Object> token(List<Matcher> matchers) {
        Claims claims = new Claims(matchers.size());
        Map<AtomSet, Object> issuers = claims.issuerOrSubject(matchers, "iss");
        Map<AtomSet, Object> subjects = claims.issuerOrSubject(matchers, "sub");
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        issuers.forEach((issuerSet, issuer) -> subjects.forEach((subjectSet, subject) -> {
            Map<String, Object> both = new TreeMap<>();
            put(both, "iss", issuer);
            put(both, "sub", subject);
            found.putIfAbsent(issuerSet.and(subjectSet), both);
        }));
        return new Combinations<>(found, claims.complete);
    }

    static Combinations<Object> metadata(List<OfMetadata> matchers) {
        Claims claims = new Claims(matchers.size());
        List<Leaf> leaves = new ArrayList<>();
        for (int m = 0; m < matchers.size(); m++) {
            boolean list = matchers.get(m).list();
            leaves.add(new Leaf(m, matchers.get(m).text(), !list, list));
        }
        return new Combinations<>(claims.leaf(leaves, Universe.VALUE), claims.complete);
    }

    /// What one of the two realises. A matcher of the other alone holds whatever this one is, so that both can be met.
    private Map<AtomSet, Object> issuerOrSubject(List<Matcher> matchers, String claim) {
        List<Leaf> leaves = new ArrayList<>();
        boolean[] free = new boolean[size];
        for (int m = 0; m < size; m++) {
            switch (matchers.get(m)) {
                case OfToken token ->
                    leaves.add(new Leaf(m, claim.equals("iss") ? token.issuer() : token.subject(), true, false));
                case OfClaim(List<String> path, Text text) when path.equals(List.of(claim)) ->
                    leaves.add(new Leaf(m, text, true, true));
                // A claim inside `iss` or `sub` would need an object there, and an issuer's name is no object.
                case OfClaim(List<String> path, Text _) -> free[m] = path.size() == 1;
                default -> throw new IllegalStateException("not about a token: " + matchers.get(m));
            }
        }
        AtomSet others = AtomSet.of(size, free);
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        leaf(leaves, Universe.VALUE).forEach((set, value) -> found.put(set.or(others), value));
        return found;
    }

    /// What the claim at one place realises; `depth` counts the names of its path.
    private Map<AtomSet, Object> node(List<OfClaim> all, List<Integer> here, int depth) {
        List<Leaf> leaves = new ArrayList<>();
        Map<String, List<Integer>> inner = new TreeMap<>();
        Universe universe = Universe.VALUE;
        for (int m : here) {
            OfClaim claim = all.get(m);
            if (claim.path().size() == depth) {
                leaves.add(new Leaf(m, claim.text(), true, true));
                String name = claim.path().getFirst();
                if (depth == 1 && (name.equals("scope") || name.equals("permission"))) {
                    universe = Universe.WORD; // Istio splits these at spaces before it compares
                }
            } else {
                inner.computeIfAbsent(claim.path().get(depth), name -> new ArrayList<>()).add(m);
            }
        }
        Map<AtomSet, Object> found = leaf(leaves, universe);
        objects(all, inner, depth).forEach(found::putIfAbsent);
        return found;
    }

    private Map<AtomSet, Object> objects(List<OfClaim> all, Map<String, List<Integer>> inner, int depth) {
        Map<AtomSet, Object> objects = new LinkedHashMap<>();
        objects.put(AtomSet.none(size), Map.of());
        for (Map.Entry<String, List<Integer>> child : inner.entrySet()) {
            Map<AtomSet, Object> wider = new LinkedHashMap<>();
            Map<AtomSet, Object> values = node(all, child.getValue(), depth + 1);
            for (Map.Entry<AtomSet, Object> object : objects.entrySet()) {
                for (Map.Entry<AtomSet, Object> value : values.entrySet()) {
                    if (wider.size() >= MAX_COMBINATIONS) {
                        complete = false;
                        break;
                    }
                    Map<String, Object> claims = new TreeMap<>();
                    ((Map<?, ?>) object.getValue()).forEach((name, old) -> claims.put((String) name, old));
                    put(claims, child.getKey(), value.getValue());
                    wider.putIfAbsent(object.getKey().or(value.getKey()), claims);
                }
            }
            objects = wider;
        }
        return objects;
    }

    private static void put(Map<String, Object> claims, String name, Object value) {
        if (value != ABSENT) {
            claims.put(name, value);
        }
    }

    /// One matcher at this place, and whether a string or a list can satisfy it.
    private record Leaf(int matcher, Text text, boolean asString, boolean inList) {}

    /// What nothing, strings and lists realise.
    private Map<AtomSet, Object> leaf(List<Leaf> leaves, Universe universe) {
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        found.put(AtomSet.none(size), ABSENT);
        strings(leaves, universe).forEach((set, text) -> found.putIfAbsent(kept(set, leaves, false), text));
        if (leaves.stream().noneMatch(Leaf::inList)) {
            return found;
        }
        Map<AtomSet, List<String>> lists = new LinkedHashMap<>();
        lists.put(AtomSet.none(size), List.of());
        // Elements of a list are not split: they may hold what a lone string may not.
        for (Map.Entry<AtomSet, String> element : strings(leaves, Universe.VALUE).entrySet()) {
            AtomSet set = kept(element.getKey(), leaves, true);
            for (Map.Entry<AtomSet, List<String>> shorter : List.copyOf(lists.entrySet())) {
                if (lists.size() >= MAX_COMBINATIONS) {
                    complete = false;
                    break;
                }
                List<String> longer = new ArrayList<>(shorter.getValue());
                longer.add(element.getValue());
                lists.putIfAbsent(shorter.getKey().or(set), longer);
            }
        }
        lists.forEach(found::putIfAbsent);
        return found;
    }

    private Map<AtomSet, String> strings(List<Leaf> leaves, Universe universe) {
        Combinations<String> strings =
                StringAtoms.of(leaves.stream().map(Leaf::text).toList(), universe);
        complete &= strings.complete();
        return strings.found();
    }

    private AtomSet kept(AtomSet set, List<Leaf> leaves, boolean list) {
        boolean[] members = new boolean[size];
        set.forEach(l -> members[leaves.get(l).matcher()] = list ? leaves.get(l).inList() : leaves.get(l).asString());
        return AtomSet.of(size, members);
    }
}
