package dev.countersign.policy.eval;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of a call, why, and by which policy.
///
/// - `decidedBy`: the policy and rule that Envoy would report; empty where no policy matched.
/// - `audited`: an AUDIT policy matched.
/// - `dryRun`: for ALLOW and DENY separately, what the dry-run policies alone would have said; absent without such
///   policies.
/// - `considered`: every policy that attaches to the workload, in order of evaluation, and why it did or did not match.
public record Verdict(
        Decision decision,
        Reason reason,
        Optional<DecidingRule> decidedBy,
        boolean audited,
        Map<dev.countersign.policy.model.Action, DryRun> dryRun,
        List<Considered> considered) {

    public enum Decision {
        ALLOW,
        DENY
    }

    /// The words of Istio's conformance data; `word()` is the text form.
    public enum Reason {
        CUSTOM_DENIED("custom-denied"),
        CUSTOM_MISCONFIGURED("custom-misconfigured"),
        DENY_POLICY_MATCHED("deny-policy-matched"),
        ALLOW_POLICY_MATCHED("allow-policy-matched"),
        NO_ALLOW_POLICY("no-allow-policy"),
        NO_ALLOW_POLICY_MATCHED("no-allow-policy-matched");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /// `policy` is `namespace/name`; `rule` is empty for ztunnel, which does not say.
    public record DecidingRule(String policy, Optional<Integer> rule) {}

    public record DryRun(Decision result, Optional<DecidingRule> rule) {}

    /// One attached policy. `because` is a sentence for a person: "rule 0 matched the source, not the path".
    public record Considered(
            String policy,
            dev.countersign.policy.model.Action action,
            boolean dryRun,
            boolean matched,
            List<Integer> matchedRules,
            String because) {}

    public boolean allowed() {
        return decision == Decision.ALLOW;
    }
}
