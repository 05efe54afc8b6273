package dev.countersign.api;

import dev.countersign.requests.ApprovalPlan;
import dev.countersign.requests.Foresight;
import java.util.List;
import java.util.Optional;

/// Everything that submitting would say; nothing is stored. `errors`: why it would be refused; empty when it can be submitted.
record PreviewDocument(
        boolean submittable, String summary, List<ErrorDocument> errors, List<RequestFindingDocument> findings, List<TeamDocument> beneficiaries,
        Optional<EffectDocument> effect, List<PlannedStageDocument> stages, List<PolicyTextDocument> policies) {
    record ErrorDocument(String pointer, String message) {}

    /// `eligiblePeople`: how many could decide, without the requester and the beneficiaries.
    record PlannedStageDocument(String name, int needed, List<String> eligible, int eligiblePeople, String reason) {}

    /// The policy as it will be written.
    record PolicyTextDocument(String cluster, String namespace, String name, String yaml) {}

    static PreviewDocument of(Foresight foresight) {
        return new PreviewDocument(foresight.submittable(), foresight.sentence().text(),
                foresight.refusals().stream().map(refusal -> new ErrorDocument(refusal.pointer(), refusal.message())).toList(),
                foresight.findings().stream().map(RequestFindingDocument::of).toList(),
                foresight.beneficiaries().stream().map(TeamDocument::of).toList(), foresight.effect().map(EffectDocument::of),
                foresight.plan().map(ApprovalPlan::stages).orElse(List.of()).stream()
                        .map(stage -> new PlannedStageDocument(stage.name(), stage.needed(), stage.eligible(), stage.eligiblePeople(), stage.reason()))
                        .toList(),
                foresight.policies().stream()
                        .map(policy -> new PolicyTextDocument(policy.cluster(), policy.namespace(), policy.name(), policy.yaml()))
                        .toList());
    }
}
