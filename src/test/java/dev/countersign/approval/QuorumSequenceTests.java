package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.Role;
import dev.countersign.identity.TeamName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// S39: sequences of words and of roles that come and go, against a reference. `-Dapproval.sequences=10000000` runs them all.
class QuorumSequenceTests {
    private static final int SEQUENCES = Integer.getInteger("approval.sequences", 10_000);
    private static final TeamName OWNERS = new TeamName(new UUID(9, 1), "payments", "Payments");
    private static final TeamName GAINERS = new TeamName(new UUID(9, 2), "orders", "Orders");
    private static final int PEOPLE = 6;

    @Test
    void noSequenceApprovesWithoutEnoughOfTheRightPeopleAtThatMoment() {
        Random random = new Random(39);
        Map<String, Integer> outcomes = new HashMap<>();
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            outcomes.merge(play(random), 1, Integer::sum);
        }
        assertThat(outcomes.keySet()).contains("APPROVED", "REJECTED", "CHANGES_REQUESTED", "PENDING");
        assertThat(outcomes.values()).allMatch(count -> count > SEQUENCES / 50);
    }

    /// The engine's board in a few lines, and the reference beside it, step by step until settled.
    private static String play(Random random) {
        boolean[] owner = bits(random);
        boolean[] security = bits(random);
        boolean[] gains = bits(random, 6);
        int needed = 1 + random.nextInt(2);
        ApprovalRule rule = new ApprovalRule("r", ApprovalRule.Match.ANY, Set.of(), List.of(
                new Stage("Owner", 1, List.of(new Eligible.Owner())),
                new Stage("Security", needed, List.of(new Eligible.Holder(Role.SECURITY)))), false);
        List<Review> said = new ArrayList<>();
        Set<Integer> agreed = new HashSet<>();
        for (int step = 0; step < 12; step++) {
            int person = random.nextInt(PEOPLE);
            switch (random.nextInt(6)) {
                case 0 -> owner[person] = !owner[person];
                case 1 -> security[person] = !security[person];
                default -> {
                    Roster roster = roster(owner, security, gains);
                    Eligibility eligibility = Eligibility.of(rule, new Concern(id(0), Set.of(GAINERS.id()), Set.of(), "x", List.of(OWNERS)), roster);
                    Decision decision = random.nextInt(12) > 1 ? Decision.APPROVE : random.nextBoolean() ? Decision.REJECT : Decision.REQUEST_CHANGES;
                    boolean may = person != 0 && !gains[person] && (owner[person] || security[person]);
                    assertThat(eligibility.refuses(id(person), roster).isEmpty()).isEqualTo(may);
                    boolean again = said.stream().anyMatch(review -> review.person().equals(id(person)));
                    if (!may || again) {
                        continue;
                    }
                    said.add(new Review(id(person), "p", 1, "sha256:x", decision, "w", Instant.ofEpochSecond(step)));
                    Tally.Outcome outcome = Tally.of(eligibility, said).outcome();
                    if (decision == Decision.APPROVE) {
                        agreed.add(person);
                    }
                    assertThat(outcome).isEqualTo(switch (decision) {
                        case REJECT -> Tally.Outcome.REJECTED;
                        case REQUEST_CHANGES -> Tally.Outcome.CHANGES_REQUESTED;
                        case APPROVE -> enough(agreed, owner, security, gains, needed) ? Tally.Outcome.APPROVED : Tally.Outcome.PENDING;
                    });
                    if (outcome != Tally.Outcome.PENDING) {
                        return outcome.name();
                    }
                }
            }
        }
        return "PENDING";
    }

    /// One owner, and `needed` others of security, all of them agreeing and in office now.
    private static boolean enough(Set<Integer> agreed, boolean[] owner, boolean[] security, boolean[] gains, int needed) {
        for (int one : agreed) {
            if (!owner[one] || gains[one] || one == 0) {
                continue;
            }
            long others = agreed.stream().filter(other -> other != one && other != 0 && security[other] && !gains[other]).count();
            if (others >= needed) {
                return true;
            }
        }
        return false;
    }

    private static boolean[] bits(Random random) {
        return bits(random, 2);
    }

    private static boolean[] bits(Random random, int oneIn) {
        boolean[] bits = new boolean[PEOPLE];
        for (int i = 0; i < PEOPLE; i++) {
            bits[i] = random.nextInt(oneIn) == 0;
        }
        return bits;
    }

    private static UUID id(int person) {
        return new UUID(1, person);
    }

    private static Roster roster(boolean[] owner, boolean[] security, boolean[] gains) {
        List<Roster.Member> members = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            Set<UUID> teams = new HashSet<>();
            if (owner[i]) {
                teams.add(OWNERS.id());
            }
            if (gains[i]) {
                teams.add(GAINERS.id());
            }
            members.add(new Roster.Member(id(i), "p" + i, security[i] ? Set.of(Role.SECURITY) : Set.of(), teams));
        }
        return Roster.of(members, Map.of(OWNERS.id(), "payments", GAINERS.id(), "orders"));
    }
}
