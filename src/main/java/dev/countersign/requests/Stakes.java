package dev.countersign.requests;

import dev.countersign.identity.TeamName;
import java.util.List;
import java.util.Set;

/// What decides who must agree, as the catalog and the tenant know it now.
///
/// - `owners`: the team that owns the target; empty where nobody does. Requests whose clusters disagree are refused.
/// - `beneficiaries`: the teams that own a workload running as one of the callers. They never decide.
public record Stakes(
        Ask ask, GrantPeriod period, Set<AskFact> facts, List<TeamName> owners, List<TeamName> beneficiaries) {
    public Stakes {
        facts = Set.copyOf(facts);
        owners = List.copyOf(owners);
        beneficiaries = List.copyOf(beneficiaries);
    }
}
