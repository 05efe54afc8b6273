package dev.countersign.policy.model;

import java.util.List;
import java.util.Map;

/// An Istio EnvoyFilter (networking.istio.io/v1alpha3): patches to the proxy's own configuration. Countersign writes
/// one kind, the local rate limit (`LocalRateLimit.filter`); others are read to be shown.
public record EnvoyFilter(ObjectMeta metadata, Target target, List<Patch> patches) implements IstioObject {
    public EnvoyFilter {
        patches = List.copyOf(patches);
    }

    /// One patch. `match` and `value` are trees of JSON values; empty where the object names none.
    public record Patch(String applyTo, Map<String, Object> match, String operation, Map<String, Object> value) {
        public Patch {
            match = Tree.copyOf(match);
            value = Tree.copyOf(value);
        }
    }
}
