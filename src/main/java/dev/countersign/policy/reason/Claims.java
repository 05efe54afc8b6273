package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Matcher.OfClaim;
import dev.countersign.policy.reason.Matcher.OfMetadata;
import dev.countersign.policy.reason.Matcher.OfToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The atoms of values with structure: a claim is absent, a string, a list of strings or an object of claims. A list
/// satisfies whatever its elements satisfy, so lists realise every union of what strings realise.
final class Claims {
    /// Unions double with every independent value; beyond this the question is given up rather than the machine.
    static final int MAX_COMBINATIONS = 4096;

    private Claims() {}

    /// What stands where there is nothing.
    static final Object ABSENT = "absent";

    /// Combinations of matchers of one top-level claim, each with its value.
    static Optional<Map<AtomSet, Object>> combinations(List<OfClaim> matchers) {
        List<Matcher> all = List.copyOf(matchers);
        return node(all, 1);
    }

    /// Combinations over the claims `iss` and `sub`, each with both values in a map.
    static Optional<Map<AtomSet, Object>> token(List<Matcher> matchers) {
        Optional<Map<AtomSet, Object>> issuers = issuerOrSubject(matchers, "iss");
        Optional<Map<AtomSet, Object>> subjects = issuerOrSubject(matchers, "sub");
        if (issuers.isEmpty() || subjects.isEmpty() || (long) issuers.get().size() * subjects.get().size() > MAX_COMBINATIONS) {
            return Optional.empty();
        }
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        // A matcher of both claims needs both; one of a single claim was given the other for free.
        issuers.get().forEach((issuerSet, issuer) -> subjects.get().forEach((subjectSet, subject) -> {
            Map<String, Object> claims = new TreeMap<>();
            put(claims, "iss", issuer);
            put(claims, "sub", subject);
            found.putIfAbsent(issuerSet.and(subjectSet), claims);
        }));
        return Optional.of(found);
    }

    static Optional<Map<AtomSet, Object>> metadata(List<OfMetadata> matchers) {
        List<Leaf> leaves = new ArrayList<>();
        for (int m = 0; m < matchers.size(); m++) {
            OfMetadata matcher = matchers.get(m);
            leaves.add(new Leaf(m, matcher.text(), !matcher.list(), matcher.list()));
        }
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        found.put(AtomSet.none(matchers.size()), ABSENT);
        return leaf(found, leaves, matchers.size(), Universe.VALUE) ? Optional.of(found) : Optional.empty();
    }

    private static Optional<Map<AtomSet, Object>> issuerOrSubject(List<Matcher> matchers, String claim) {
        List<Leaf> leaves = new ArrayList<>();
        boolean[] free = new boolean[matchers.size()];
        for (int m = 0; m < matchers.size(); m++) {
            switch (matchers.get(m)) {
                case OfToken token ->
                    leaves.add(new Leaf(m, claim.equals("iss") ? token.issuer() : token.subject(), true, false));
                case OfClaim(List<String> path, Text text) when path.equals(List.of(claim)) ->
                    leaves.add(new Leaf(m, text, true, true));
                // A claim inside `iss` or `sub` would need an object there, which no token of any issuer has.
                case OfClaim(List<String> path, Text text) -> free[m] = path.size() == 1;
                default -> throw new IllegalStateException("not about a token: " + matchers.get(m));
            }
        }
        Map<AtomSet, Object> own = new LinkedHashMap<>();
        own.put(AtomSet.none(matchers.size()), ABSENT);
        if (!leaf(own, leaves, matchers.size(), Universe.VALUE)) {
            return Optional.empty();
        }
        AtomSet others = AtomSet.of(free.length, free);
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        own.forEach((set, value) -> found.put(set.or(others), value));
        return Optional.of(found);
    }

    /// Depth counts the names of the path that lie above.
    private static Optional<Map<AtomSet, Object>> node(List<Matcher> all, int depth) {
        int size = all.size();
        return node(all, java.util.stream.IntStream.range(0, size).boxed().toList(), depth);
    }

    private static Optional<Map<AtomSet, Object>> node(List<Matcher> all, List<Integer> here, int depth) {
        Map<AtomSet, Object> found = new LinkedHashMap<>();
        found.put(AtomSet.none(all.size()), ABSENT);
        List<Leaf> leaves = new ArrayList<>();
        Map<String, List<Integer>> inner = new TreeMap<>();
        Universe universe = Universe.VALUE;
        for (int m : here) {
            OfClaim claim = (OfClaim) all.get(m);
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
        if (!leaf(found, leaves, all.size(), universe)) {
            return Optional.empty();
        }
        Map<AtomSet, Object> objects = new LinkedHashMap<>();
        objects.put(AtomSet.none(all.size()), Map.of());
        for (Map.Entry<String, List<Integer>> child : inner.entrySet()) {
            Optional<Map<AtomSet, Object>> values = node(all, child.getValue(), depth + 1);
            if (values.isEmpty() || (long) values.get().size() * objects.size() > MAX_COMBINATIONS) {
                return Optional.empty();
            }
            Map<AtomSet, Object> wider = new LinkedHashMap<>();
            objects.forEach((set, object) -> values.get().forEach((valueSet, value) -> {
                Map<String, Object> claims = new TreeMap<>();
                ((Map<?, ?>) object).forEach((name, old) -> claims.put((String) name, old));
                put(claims, child.getKey(), value);
                wider.putIfAbsent(set.or(valueSet), claims);
            }));
            objects = wider;
        }
        objects.forEach(found::putIfAbsent);
        return Optional.of(found);
    }

    private static void put(Map<String, Object> claims, String name, Object value) {
        if (value != ABSENT) {
            claims.put(name, value);
        }
    }

    /// One matcher at this place, and whether a string or a list can satisfy it.
    private record Leaf(int matcher, Text text, boolean asString, boolean inList) {}

    /// Adds what strings and lists realise; false if that is too much.
    private static boolean leaf(Map<AtomSet, Object> found, List<Leaf> leaves, int size, Universe universe) {
        Optional<Map<AtomSet, String>> strings =
                StringAtoms.of(leaves.stream().map(Leaf::text).toList(), universe);
        if (strings.isEmpty()) {
            return false;
        }
        strings.get().forEach((set, text) -> found.putIfAbsent(kept(set, leaves, size, false), text));
        if (leaves.stream().noneMatch(Leaf::inList)) {
            return true;
        }
        // Elements of a list are not split: they may hold what a lone string may not.
        Optional<Map<AtomSet, String>> elements =
                StringAtoms.of(leaves.stream().map(Leaf::text).toList(), Universe.VALUE);
        if (elements.isEmpty()) {
            return false;
        }
        Map<AtomSet, List<String>> lists = new LinkedHashMap<>();
        lists.put(AtomSet.none(size), List.of());
        for (Map.Entry<AtomSet, String> element : elements.get().entrySet()) {
            AtomSet set = kept(element.getKey(), leaves, size, true);
            for (Map.Entry<AtomSet, List<String>> shorter : List.copyOf(lists.entrySet())) {
                List<String> longer = new ArrayList<>(shorter.getValue());
                longer.add(element.getValue());
                lists.putIfAbsent(shorter.getKey().or(set), longer);
            }
            if (lists.size() > MAX_COMBINATIONS) {
                return false;
            }
        }
        lists.forEach(found::putIfAbsent);
        return true;
    }

    private static AtomSet kept(AtomSet set, List<Leaf> leaves, int size, boolean list) {
        boolean[] members = new boolean[size];
        set.forEach(l -> members[leaves.get(l).matcher()] = list ? leaves.get(l).inList() : leaves.get(l).asString());
        return AtomSet.of(size, members);
    }
}
