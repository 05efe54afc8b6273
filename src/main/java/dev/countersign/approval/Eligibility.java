package dev.countersign.approval;

import dev.countersign.identity.TeamName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Who may decide on one request at one moment: a pure function of the rule, of whom the request concerns, and of the people
/// as they are now. Requester and beneficiaries sit nowhere.
///
/// A stage that asks the owner becomes one stage for each team that owns a called service, for each of them gives something.
/// Two accounts of one human being are two people here: the portal cannot know better. An API token is its person.
record Eligibility(List<Seats> stages, List<String> gaps, Concern concern) {
    Eligibility {
        stages = List.copyOf(stages);
        gaps = List.copyOf(gaps);
    }

    static Eligibility of(ApprovalRule rule, Concern concern, Roster roster) {
        List<Seats> stages = new ArrayList<>();
        List<String> gaps = new ArrayList<>();
        for (Stage stage : rule.stages()) {
            if (!stage.asksTheOwner()) {
                stages.add(seats(stage.name(), stage, Optional.empty(), concern, roster));
                continue;
            }
            List<TeamName> owners = concern.owners();
            if (owners.isEmpty()) {
                gaps.add(concern.target() + " has no owner who could agree. An administrator names its team under Services.");
            }
            for (TeamName owner : owners) {
                String name = owners.size() == 1 ? stage.name() : stage.name() + " (" + owner.slug() + ")";
                stages.add(seats(name, stage, Optional.of(owner.id()), concern, roster));
            }
        }
        for (Seats stage : stages) {
            if (stage.people().size() < stage.needed()) {
                gaps.add(shortOf(stage, concern, roster));
            }
        }
        if (gaps.isEmpty() && !filled(stages, Seating.of(stages, everyone(stages)))) {
            gaps.add("The stages " + stages.stream().map(Seats::name).collect(Collectors.joining(", "))
                    + " need different people, and too few can act: each person counts in one stage. Add someone to one of "
                    + stages.stream().flatMap(stage -> stage.eligible().stream()).distinct().collect(Collectors.joining(", ")) + ".");
        }
        return new Eligibility(stages, gaps, concern);
    }

    private static Seats seats(String name, Stage stage, Optional<UUID> owner, Concern concern, Roster roster) {
        List<String> words = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        Set<UUID> people = new HashSet<>();
        for (Eligible eligible : stage.eligible()) {
            words.add(words(eligible, owner, roster));
            keys.add(eligible instanceof Eligible.Owner ? owner.map(team -> "team:" + team).orElse("owner") : eligible.word());
            for (Roster.Member member : roster.members().values()) {
                if (names(eligible, owner, member) && barred(member, concern).isEmpty()) {
                    people.add(member.id());
                }
            }
        }
        return new Seats(name, stage.needed(), words.stream().distinct().toList(), keys, people);
    }

    private static boolean names(Eligible eligible, Optional<UUID> owner, Roster.Member member) {
        return switch (eligible) {
            case Eligible.Owner ignored -> owner.filter(member.teams()::contains).isPresent();
            case Eligible.Holder(var role) -> member.roles().contains(role);
            case Eligible.OfTeam(var team) -> member.teams().contains(team);
            case Eligible.Named(var person) -> member.id().equals(person);
        };
    }

    private static String words(Eligible eligible, Optional<UUID> owner, Roster roster) {
        return switch (eligible) {
            case Eligible.Owner ignored -> owner.map(team -> "team:" + roster.teamName(team)).orElse("owner");
            case Eligible.Holder holder -> holder.word();
            case Eligible.OfTeam(var team) -> "team:" + roster.teamName(team);
            case Eligible.Named(var person) -> "person:" + roster.personName(person);
        };
    }

    /// Why the person never decides on this request, whatever their role.
    private static Optional<String> barred(Roster.Member member, Concern concern) {
        if (member.id().equals(concern.requester())) {
            return Optional.of("You asked for this yourself. Somebody else decides on it.");
        }
        if (member.teams().stream().anyMatch(concern.beneficiaries()::contains)) {
            return Optional.of("Your team owns a calling service and would gain from this. Somebody outside it decides.");
        }
        if (concern.barred().contains(member.id())) {
            return Optional.of("You belonged to a team that gains from this when it was submitted. Somebody else decides on it.");
        }
        return Optional.empty();
    }

    private static String shortOf(Seats stage, Concern concern, Roster roster) {
        String whom = String.join(", ", stage.eligible());
        boolean some = !stage.people().isEmpty();
        String can = some ? "only " + stage.people().size() + " can act" : "nobody can act";
        boolean conflict = roster.members().values().stream()
                .anyMatch(member -> barred(member, concern).isPresent() && stage.eligible().stream()
                        .anyMatch(word -> word.startsWith("team:") && member.teams().stream()
                                .anyMatch(team -> word.equals("team:" + roster.teamName(team)))));
        return stage.name() + " needs " + stage.needed() + " of " + whom + ", and " + can
                + (conflict ? ", because requester and the teams that gain never decide" : "")
                + ". Add a person to " + whom + " who neither asks nor gains.";
    }

    /// Whether the right people exist. Where they do not, nothing is submitted and nothing approved.
    boolean possible() {
        return gaps.isEmpty();
    }

    /// Whom to add, in sentences; empty where it is possible.
    String why() {
        return String.join(" ", gaps);
    }

    /// Why this person may not decide now; empty where they may.
    Optional<String> refuses(UUID person, Roster roster) {
        Optional<Roster.Member> member = roster.member(person);
        if (member.isEmpty()) {
            return Optional.of("Your account is not active. An administrator can say why.");
        }
        Optional<String> barred = barred(member.get(), concern);
        if (barred.isPresent()) {
            return barred;
        }
        if (stages.stream().anyMatch(stage -> stage.people().contains(person))) {
            return Optional.empty();
        }
        String whom = stages.stream().flatMap(stage -> stage.eligible().stream()).distinct().collect(Collectors.joining(", "));
        return Optional.of("This is decided by " + (whom.isEmpty() ? "nobody yet" : whom) + ". Your roles and teams name none of them.");
    }

    static Set<UUID> everyone(Collection<Seats> stages) {
        return stages.stream().flatMap(stage -> stage.people().stream()).collect(Collectors.toSet());
    }

    static boolean filled(List<Seats> stages, List<Set<UUID>> seated) {
        for (int i = 0; i < stages.size(); i++) {
            if (seated.get(i).size() < stages.get(i).needed()) {
                return false;
            }
        }
        return !stages.isEmpty();
    }
}
