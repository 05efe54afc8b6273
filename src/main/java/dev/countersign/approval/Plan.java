package dev.countersign.approval;

import dev.countersign.identity.TeamName;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.Stakes;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Under which rule a version of a request is decided: fixed when that version was submitted.
///
/// - `ruleSet`: the version of the tenant's rules; 0 for the built-in ones.
/// - `barred`: the people who gained when it was submitted.
record Plan(UUID request, int version, int ruleSet, ApprovalRule rule, Set<UUID> beneficiaries, Set<UUID> barred) {
    Plan {
        beneficiaries = Set.copyOf(beneficiaries);
        barred = Set.copyOf(barred);
    }

    /// Whom the request concerns now. Who gained when it was submitted never decides on it, nor who gains by now.
    Concern concern(RequestProgress.Locked request, Stakes now) {
        Set<UUID> gaining = new HashSet<>(beneficiaries);
        now.beneficiaries().forEach(team -> gaining.add(team.id()));
        return concern(now, request.requester(), gaining, barred);
    }

    /// Whom an ask that is not submitted yet would concern.
    static Concern concern(Stakes stakes, UUID requester) {
        return concern(stakes, requester, stakes.beneficiaries().stream().map(TeamName::id).collect(Collectors.toSet()), Set.of());
    }

    private static Concern concern(Stakes stakes, UUID requester, Set<UUID> gaining, Set<UUID> barred) {
        String target = stakes.ask().target().workload()
                .map(workload -> workload + " in " + stakes.ask().target().namespace())
                .orElse(stakes.ask().target().namespace());
        return new Concern(requester, gaining, barred, target, stakes.owners());
    }
}
