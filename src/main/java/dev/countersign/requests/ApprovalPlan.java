package dev.countersign.requests;

import java.util.List;

/// The stages that an Ask would go through. `possible` is false where some stage can never be filled; `why` then says
/// which, and what to do ("" otherwise).
public record ApprovalPlan(List<PlannedStage> stages, boolean possible, String why) {
    /// - `needed`: how many people must agree.
    /// - `eligible`: `team:payments`, `role:SECURITY`, `person:olga`.
    /// - `eligiblePeople`: how many could, without the requester and the beneficiaries.
    /// - `reason`: why the stage is there, for a person: "the access crosses namespaces".
    public record PlannedStage(String name, int needed, List<String> eligible, int eligiblePeople, String reason) {
        public PlannedStage {
            eligible = List.copyOf(eligible);
        }
    }

    public ApprovalPlan {
        stages = List.copyOf(stages);
    }
}
