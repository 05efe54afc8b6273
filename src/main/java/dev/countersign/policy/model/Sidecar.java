package dev.countersign.policy.model;

import java.util.Map;

/// An Istio Sidecar (networking.istio.io/v1): what a proxy listens for and reaches out to. Countersign checks it and
/// shows it, and does not reason about it: `settings` is the rest of `spec` as it was read.
public record Sidecar(ObjectMeta metadata, Target target, Map<String, Object> settings) implements IstioObject {
    public Sidecar {
        settings = Tree.copyOf(settings);
    }
}
