package dev.countersign.policy.model;

/// What of a mesh's configuration decides the meaning of policies.
public record MeshSettings(String rootNamespace, TrustDomains trustDomains) {
    public static final MeshSettings DEFAULT = new MeshSettings("istio-system", TrustDomains.DEFAULT);
}
