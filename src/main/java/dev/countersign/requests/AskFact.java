package dev.countersign.requests;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// A property of an Ask that approval rules may look at. Names are stored in rules: never renamed.
public enum AskFact {
    /// A caller is in another namespace than the target (any identity is everywhere).
    CROSS_NAMESPACE,
    /// Every caller is in the target's namespace, and every operation names paths.
    SAME_NAMESPACE_PATHS,
    /// Some operation is not limited to paths.
    WHOLE_SERVICE,
    /// A caller is a whole namespace or any identity.
    WILDCARD_PRINCIPAL,
    /// Some operation is not limited to methods, or to methods by a pattern only.
    WILDCARD_METHOD,
    /// The access would have no end.
    PERMANENT,
    /// More than one cluster.
    SEVERAL_CLUSTERS;

    /// The facts of an Ask for that period, in the order of this enum.
    public static Set<AskFact> of(Ask ask, GrantPeriod period) {
        EnumSet<AskFact> facts = EnumSet.noneOf(AskFact.class);
        facts.addAll(ask.facts());
        if (period.permanent()) {
            facts.add(PERMANENT);
        }
        return Collections.unmodifiableSet(facts);
    }
}
