package dev.countersign.adoption;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.identity.TeamName;
import dev.countersign.requests.ServiceAccess;
import java.util.List;
import java.util.Optional;

/// A live policy by nobody's word, and whether it can be adopted as it is.
///
/// - `workload`: the one that it selects; empty where it is not one, which is a hindrance.
/// - `hindrances`: why the policy as a whole cannot be adopted, each with what to do; those of a rule stand with the rule.
/// - `proof`: that nothing changes; empty where a rule cannot be read as an Ask.
public record Assessment(
        LivePolicy policy, Optional<CatalogWorkload> workload, List<AssessedRule> rules, List<String> hindrances, Optional<Proof> proof) {
    /// A rule, counted from one. `owners`: the teams behind its callers, who answer for it.
    public record AssessedRule(int rule, Optional<ServiceAccess> ask, List<TeamName> owners, List<String> hindrances) {
        public AssessedRule {
            owners = List.copyOf(owners);
            hindrances = List.copyOf(hindrances);
        }
    }

    public Assessment {
        rules = List.copyOf(rules);
        hindrances = List.copyOf(hindrances);
    }

    public boolean adoptable() {
        return hindrances.isEmpty() && rules.stream().allMatch(rule -> rule.hindrances().isEmpty()) && proof.map(Proof::holds).orElse(false);
    }

    List<ServiceAccess> asks() {
        return rules.stream().flatMap(rule -> rule.ask().stream()).toList();
    }
}
