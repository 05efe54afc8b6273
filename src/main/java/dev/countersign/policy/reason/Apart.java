package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Matcher.OfPeer;
import dev.countersign.policy.reason.Matcher.OfPort;
import dev.countersign.policy.reason.Matcher.OfText;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Leaves out of a comparison what cannot matter to it: a call that no changed cube covers is decided alike on both sides,
/// so an unchanged cube that meets no changed one plays no part. Sees only what is apart at first sight, which is enough
/// to make the cost that of the change instead of that of the whole set.
final class Apart {
    private Apart() {}

    record Pair(Formula before, Formula after) {}

    static Pair reduce(Formula before, Formula after) {
        if (before.closed() != after.closed()) {
            return new Pair(before, after); // then every call may be decided otherwise
        }
        Set<Cube> changed = new HashSet<>();
        addDifference(changed, before.denies(), after.denies());
        addDifference(changed, before.allows(), after.allows());
        return new Pair(
                new Formula(near(before.denies(), changed), near(before.allows(), changed), before.closed(), before.authorizers()),
                new Formula(near(after.denies(), changed), near(after.allows(), changed), after.closed(), after.authorizers()));
    }

    private static void addDifference(Set<Cube> changed, Set<Cube> before, Set<Cube> after) {
        before.stream().filter(cube -> !after.contains(cube)).forEach(changed::add);
        after.stream().filter(cube -> !before.contains(cube)).forEach(changed::add);
    }

    private static Set<Cube> near(Set<Cube> cubes, Set<Cube> changed) {
        Set<Cube> near = new LinkedHashSet<>();
        for (Cube cube : cubes) {
            if (changed.contains(cube) || changed.stream().anyMatch(other -> !apart(cube, other))) {
                near.add(cube);
            }
        }
        return near;
    }

    static boolean apart(Cube one, Cube other) {
        for (Literal a : one.literals()) {
            for (Literal b : other.literals()) {
                if (a.limited() && b.limited() && a.key().equals(b.key()) && apart(a.any(), b.any())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean apart(List<Matcher> some, List<Matcher> others) {
        for (Matcher one : some) {
            for (Matcher other : others) {
                if (!apart(one, other)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean apart(Matcher one, Matcher other) {
        return switch (one) {
            case OfPort(int port) -> other instanceof OfPort(int second) && port != second;
            case OfText(Text text) -> other instanceof OfText(Text second) && apart(text, second);
            case OfPeer a -> other instanceof OfPeer b && a.whole().isEmpty() && b.whole().isEmpty()
                    && (apart(a.trustDomain(), b.trustDomain()) || apart(a.namespace(), b.namespace())
                            || apart(a.account(), b.account()));
            default -> false;
        };
    }

    /// What both begin with tells them apart, where both say how they begin and look at the same part of the text.
    static boolean apart(Text one, Text other) {
        if (one.fold() != other.fold() || one.beforeQuery() != other.beforeQuery()) {
            return false;
        }
        String a = beginning(one);
        String b = beginning(other);
        int common = Math.min(a.length(), b.length());
        return !a.regionMatches(one.fold(), 0, b, 0, common)
                || one.kind() == Text.Kind.EXACT && a.length() < b.length()
                || other.kind() == Text.Kind.EXACT && b.length() < a.length();
    }

    private static String beginning(Text text) {
        return switch (text.kind()) {
            case EXACT, PREFIX -> text.value();
            case GLOB -> text.beforeQuery() ? text.value().substring(0, Math.max(0, text.value().indexOf('{'))) : "";
            case SUFFIX, NON_EMPTY, ANYTHING, NEVER -> "";
        };
    }
}
