package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import java.util.List;

/// Calls that one side allows and the other denies, all alike in what policies can tell apart.
///
/// - `facets`: what besides the party sets them apart; an attribute that is not listed may be anything.
/// - `description`: the same for a person, a sentence without its full stop.
/// - `witness`: one of the calls, on which the `Authorizer` agrees.
public record Region(Party party, List<Facet> facets, String description, Call witness) {
    public Region {
        facets = List.copyOf(facets);
    }

    /// Whether the party gains or loses every call.
    public boolean everything() {
        return facets.isEmpty();
    }
}
