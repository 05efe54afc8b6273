package dev.countersign.approval;

import dev.countersign.identity.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The people who can act at this moment (deactivated ones are not in it), with their roles and teams, and the names of teams.
record Roster(Map<UUID, Member> members, Map<UUID, String> teams) {
    record Member(UUID id, String name, Set<Role> roles, Set<UUID> teams) {
        Member {
            roles = Set.copyOf(roles);
            teams = Set.copyOf(teams);
        }
    }

    Roster {
        members = Map.copyOf(members);
        teams = Map.copyOf(teams);
    }

    static Roster of(List<Member> members, Map<UUID, String> teams) {
        return new Roster(members.stream().collect(Collectors.toMap(Member::id, Function.identity())), teams);
    }

    Optional<Member> member(UUID id) {
        return Optional.ofNullable(members.get(id));
    }

    /// How people know the team; the id where it is unknown.
    String teamName(UUID team) {
        return teams.getOrDefault(team, team.toString());
    }

    String personName(UUID person) {
        return member(person).map(Member::name).orElse("a person who is no longer active");
    }
}
