package dev.countersign.policy.reason;

import dev.countersign.policy.model.Spiffe;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What is known about the mesh beyond its policies. It changes no verdict: identities are told by name, ports make
/// witnesses that a person recognises.
///
/// - `identities`: the service identities that live in the mesh, the most interesting first.
/// - `ports`: the ports of the workload.
public record Known(Set<Spiffe> identities, Set<Integer> ports) {
    public static final Known NOTHING = new Known(Set.of(), Set.of());

    public Known {
        identities = Collections.unmodifiableSet(new LinkedHashSet<>(identities));
        ports = Collections.unmodifiableSet(new LinkedHashSet<>(ports));
    }

    public static Known identities(List<Spiffe> identities) {
        return new Known(new LinkedHashSet<>(identities), Set.of());
    }
}
