package dev.countersign.requests;

import dev.countersign.identity.TeamName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Everything that submitting would say, storing nothing.
///
/// - `refusals`: why it would be refused, by place; empty when it can be submitted.
/// - `effect`, `plan`, `policies`: empty where the Ask names what does not exist (then `refusals` says so), `plan` also
///   without a room that decides.
/// - `policies`: YAML of the policy as it will be written, one a cluster.
public record Foresight(
        Sentence sentence,
        List<FieldProblem> refusals,
        List<Finding> findings,
        List<TeamName> beneficiaries,
        Optional<Effect> effect,
        Optional<ApprovalPlan> plan,
        List<PolicyText> policies) {
    public record PolicyText(String cluster, String namespace, String name, String yaml) {}

    public Foresight {
        refusals = List.copyOf(refusals);
        findings = List.copyOf(findings);
        beneficiaries = List.copyOf(beneficiaries);
        policies = List.copyOf(policies);
    }

    /// The same, refused for one more reason.
    Foresight refusing(FieldProblem problem) {
        List<FieldProblem> more = new ArrayList<>(refusals);
        more.add(problem);
        return new Foresight(sentence, more, findings, beneficiaries, effect, plan, policies);
    }

    public boolean submittable() {
        return refusals.isEmpty();
    }
}
