package dev.countersign.adoption;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A policy that is taken over: exactly this state of this object, rule by rule.
///
/// - `number`: counts within the tenant, as people say it.
/// - `object`: as it was seen when it was proposed.
/// - `words`, `advice`: why it is not removed yet, or never; both "" where all is well.
public record Adoption(
        UUID id,
        long number,
        ClusterRef cluster,
        String namespace,
        String name,
        ObjectVersion version,
        Map<String, Object> object,
        String workload,
        String proposer,
        Instant at,
        List<AdoptedRule> rules,
        AdoptionState state,
        String words,
        String advice) {
    /// The request that asks for a rule; `rule` counts from one.
    public record AdoptedRule(int rule, long request, RequestState state) {}

    public Adoption {
        rules = List.copyOf(rules);
    }

    /// `namespace/name` of the policy.
    public String inCluster() {
        return namespace + "/" + name;
    }

    public List<Long> requests() {
        return rules.stream().map(AdoptedRule::request).toList();
    }
}
