package dev.countersign.grants;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What a list of grants is narrowed to. Empty means "any".
///
/// - `workload`: the called workload's name.
/// - `endingWithinDays`: only active grants that end within so many days.
public record GrantFilter(
        Set<GrantState> states,
        Optional<UUID> cluster,
        Optional<String> namespace,
        Optional<String> workload,
        Optional<UUID> requester,
        Optional<Integer> endingWithinDays) {
    public static final GrantFilter ALL = new GrantFilter(
            Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public GrantFilter {
        states = Set.copyOf(states);
    }
}
