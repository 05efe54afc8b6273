package dev.countersign.policy.model;

import java.util.ArrayList;
import java.util.List;

/// The mesh's trust domain and its aliases (meshConfig.trustDomain, trustDomainAliases).
public record TrustDomains(String trustDomain, List<String> aliases) {
    public static final TrustDomains DEFAULT = new TrustDomains("cluster.local", List.of());

    public TrustDomains {
        aliases = List.copyOf(aliases);
    }

    /// The trust domain, then its aliases.
    public List<String> bundle() {
        List<String> all = new ArrayList<>();
        all.add(trustDomain);
        all.addAll(aliases);
        return all;
    }
}
