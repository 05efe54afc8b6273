package dev.countersign.clusters;

import java.util.List;
import java.util.Optional;

/// What an administrator gives to register a cluster.
///
/// - `kubeconfig`: the text; empty only for the portal's own cluster, where its configuration allows that.
/// - `namespaces`: those that the tenant owns in it, at least one.
/// - `trustDomain`, `trustDomainAliases`: meshConfig's. A policy that names one of them means the identities of all of them.
public record RegistrationForm(
        String name,
        Optional<String> kubeconfig,
        List<String> namespaces,
        String trustDomain,
        List<String> trustDomainAliases,
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
        namespaces = names(namespaces);
        trustDomainAliases = names(trustDomainAliases).stream().filter(alias -> !alias.equals(trustDomain)).toList();
    }

    /// Each once, in order, without space around it.
    static List<String> names(List<String> given) {
        return given.stream().map(String::strip).filter(name -> !name.isEmpty()).distinct().sorted().toList();
    }

    /// With Istio's defaults.
    public static RegistrationForm of(String name, String kubeconfig, List<String> namespaces) {
        return new RegistrationForm(name, Optional.of(kubeconfig), namespaces, TRUST_DOMAIN, List.of(), ROOT_NAMESPACE, PathRule.BASE);
    }

    /// Without the kubeconfig, which is secret.
    @Override
    public String toString() {
        return "RegistrationForm[" + name + ", " + namespaces + "]";
    }
}
