package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Matcher.OfPeer;
import dev.countersign.policy.reason.Matcher.OfPort;
import dev.countersign.policy.reason.Matcher.OfText;
import java.util.List;

/// Whether two things have nothing in common. Sees only what is apart at first sight: false may mean that nobody looked.
final class Apart {
    private Apart() {}

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
        if (one.kind() == Text.Kind.NEVER || other.kind() == Text.Kind.NEVER) {
            return true;
        }
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

    /// What every string of the set begins with.
    static String beginning(Text text) {
        return switch (text.kind()) {
            case EXACT, PREFIX -> text.value();
            case GLOB -> text.beforeQuery() ? text.value().substring(0, Math.max(0, text.value().indexOf('{'))) : "";
            case SUFFIX, NON_EMPTY, ANYTHING, NEVER -> "";
        };
    }
}
