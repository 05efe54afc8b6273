package dev.countersign.delivery;

import dev.countersign.grants.Grant;
import dev.countersign.grants.Suspension;
import dev.countersign.requests.Effect;
import java.util.List;
import java.util.Optional;

/// What lifting a suspension would do, as it is shown before it is decided.
///
/// - `current`: the revision that stands.
/// - `grants`: those that would let callers in again; what has ended does not.
/// - `impossible`: why what would be granted cannot become a policy.
/// - `digest`: of all that, `sha256:` and 64 hex digits; a decision names it.
public record Resuming(Suspension suspension, long current, List<Grant> grants, Effect effect, Optional<String> impossible, String digest) {
    public Resuming {
        grants = List.copyOf(grants);
    }
}
