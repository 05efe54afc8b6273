package dev.countersign.approval;

import dev.countersign.identity.TeamName;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Whom a request concerns: who asked, whose services would gain, who owns what is called.
///
/// - `beneficiaries`: the teams that own a calling service.
/// - `barred`: people who gained when this version was submitted, whatever their teams are now.
/// - `target`: the called service in words, `payment-service in production`.
/// - `owners`: the teams that own it; several where its clusters disagree, none where nobody owns it.
record Concern(UUID requester, Set<UUID> beneficiaries, Set<UUID> barred, String target, List<TeamName> owners) {
    Concern {
        beneficiaries = Set.copyOf(beneficiaries);
        barred = Set.copyOf(barred);
        owners = List.copyOf(owners);
    }
}
