package dev.countersign.policy.model;

import java.util.List;
import java.util.Optional;

/// An Istio AuthorizationPolicy (security.istio.io/v1). ALLOW without rules matches nothing: the baseline.
public record AuthorizationPolicy(
        ObjectMeta metadata, Target target, Action action, Optional<String> provider, List<Rule> rules)
        implements IstioObject {
    public static final String DRY_RUN = "istio.io/dry-run";

    public AuthorizationPolicy {
        rules = List.copyOf(rules);
        if (provider.isPresent() && action != Action.CUSTOM) {
            throw new IllegalArgumentException(metadata.key() + ": a provider goes with action CUSTOM only");
        }
    }

    public static AuthorizationPolicy allow(ObjectMeta metadata, Target target, List<Rule> rules) {
        return new AuthorizationPolicy(metadata, target, Action.ALLOW, Optional.empty(), rules);
    }

    /// Whether the policy only reports what it would do (annotation `istio.io/dry-run`, parsed as Go's ParseBool does).
    public boolean dryRun() {
        return switch (metadata.annotations().getOrDefault(DRY_RUN, "false")) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            default -> false;
        };
    }
}
