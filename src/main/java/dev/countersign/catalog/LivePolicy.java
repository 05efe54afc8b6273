package dev.countersign.catalog;

import dev.countersign.policy.model.AuthorizationPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// An AuthorizationPolicy as last seen in a cluster. `policy` is empty where it cannot be decoded (then `problem` says why).
/// `managers`: the field managers of its spec, "countersign" among them if it is ours; `tree`: the object as JSON values.
public record LivePolicy(
        UUID cluster,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        Map<String, Object> tree,
        Optional<AuthorizationPolicy> policy,
        Optional<String> problem,
        List<String> managers) {
    /// What it means that it cannot be decoded, and what to do; empty where it can.
    public Optional<String> unreadable() {
        return policy.isPresent() ? Optional.empty() : Optional.of("The policy " + namespace + "/" + name + " cannot be read (" + problem.orElse("no reason known")
                + "), so what it allows or denies is not known. Correct it in the cluster.");
    }
}
