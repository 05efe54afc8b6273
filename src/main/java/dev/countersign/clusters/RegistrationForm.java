package dev.countersign.clusters;

import java.util.List;
import java.util.Optional;

/// What an administrator gives to register a cluster.
///
/// - `kubeconfig`: the text; empty only for the portal's own cluster, where its configuration allows that.
/// - `namespaces`: those that the tenant owns in it, at least one.
public record RegistrationForm(
        String name,
        Optional<String> kubeconfig,
        List<String> namespaces,
        String trustDomain,
        String rootNamespace,
        PathRule pathNormalization) {
    public static final String TRUST_DOMAIN = "cluster.local";
    public static final String ROOT_NAMESPACE = "istio-system";

    /// meshConfig.pathNormalization.normalization.
    public enum PathRule {
        NONE,
        BASE,
        MERGE_SLASHES,
        DECODE_AND_MERGE_SLASHES
    }

    public RegistrationForm {
        namespaces = namespaces.stream().map(String::strip).filter(namespace -> !namespace.isEmpty()).distinct().sorted().toList();
    }

    /// With Istio's defaults.
    public static RegistrationForm of(String name, String kubeconfig, List<String> namespaces) {
        return new RegistrationForm(name, Optional.of(kubeconfig), namespaces, TRUST_DOMAIN, ROOT_NAMESPACE, PathRule.BASE);
    }

    /// Without the kubeconfig, which is secret.
    @Override
    public String toString() {
        return "RegistrationForm[" + name + ", " + namespaces + "]";
    }
}
