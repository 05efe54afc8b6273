package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.Role;
import dev.countersign.identity.TeamName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TallyTests {
    private static final TeamName PAYMENTS = new TeamName(new UUID(9, 1), "payments", "Payments");
    private static final TeamName REFUNDS = new TeamName(new UUID(9, 2), "refunds", "Refunds");
    private static final TeamName ORDERS = new TeamName(new UUID(9, 3), "orders", "Orders");
    private static final UUID ERIN = new UUID(1, 1);
    private static final UUID OLGA = new UUID(1, 2);
    private static final UUID SAM = new UUID(1, 3);
    private static final UUID SOFIA = new UUID(1, 4);
    private static final ApprovalRule WIDE = Workflow.builtIn().rules().getFirst();
    private static final ApprovalRule ACROSS = Workflow.builtIn().rules().get(1);
    private static final ApprovalRule WITHIN = Workflow.builtIn().rules().getLast();

    private static Roster.Member member(UUID id, String name, Set<Role> roles, TeamName... teams) {
        return new Roster.Member(id, name, roles, Set.copyOf(List.of(teams).stream().map(TeamName::id).toList()));
    }

    private static Roster roster(Roster.Member... members) {
        return Roster.of(List.of(members), Map.of(PAYMENTS.id(), "payments", REFUNDS.id(), "refunds", ORDERS.id(), "orders"));
    }

    private static final Roster USUAL = roster(member(ERIN, "erin", Set.of(), ORDERS), member(OLGA, "olga", Set.of(), PAYMENTS),
            member(SAM, "sam", Set.of(Role.SECURITY)), member(SOFIA, "sofia", Set.of(Role.SECURITY)));

    private static Concern concern(TeamName... owners) {
        return new Concern(ERIN, Set.of(ORDERS.id()), Set.of(), "payment-service in production", List.of(owners));
    }

    private static Review says(UUID person, Decision decision) {
        return new Review(person, person.toString(), 1, "sha256:x", decision, "words", Instant.EPOCH);
    }

    private static Tally tally(ApprovalRule rule, Concern concern, Roster roster, Review... reviews) {
        return Tally.of(Eligibility.of(rule, concern, roster), List.of(reviews));
    }

    @Test
    void theOwnerAloneApprovesWithinANamespace() {
        assertThat(tally(WITHIN, concern(PAYMENTS), USUAL).outcome()).isEqualTo(Tally.Outcome.PENDING);
        assertThat(tally(WITHIN, concern(PAYMENTS), USUAL, says(OLGA, Decision.APPROVE)).outcome()).isEqualTo(Tally.Outcome.APPROVED);
        assertThat(tally(WITHIN, concern(PAYMENTS), USUAL, says(SAM, Decision.APPROVE)).outcome()).isEqualTo(Tally.Outcome.PENDING);
    }

    @Test
    void aPersonWhoCouldSitInTwoStagesSitsInOne() {
        Roster both = roster(member(OLGA, "olga", Set.of(Role.SECURITY), PAYMENTS), member(SAM, "sam", Set.of(Role.SECURITY)));
        assertThat(tally(ACROSS, concern(PAYMENTS), both, says(OLGA, Decision.APPROVE)).outcome()).isEqualTo(Tally.Outcome.PENDING);
        assertThat(tally(ACROSS, concern(PAYMENTS), both, says(OLGA, Decision.APPROVE), says(SAM, Decision.APPROVE)).outcome())
                .isEqualTo(Tally.Outcome.APPROVED);
    }

    @Test
    void aPersonIsMovedToTheStageWhereTheyAreMissed() {
        // Sam sat for security first; when another of security agrees, Sam's other seat as an owner counts.
        Roster both = roster(member(SAM, "sam", Set.of(Role.SECURITY), PAYMENTS), member(SOFIA, "sofia", Set.of(Role.SECURITY)));
        for (List<UUID> order : List.of(List.of(SAM, SOFIA), List.of(SOFIA, SAM))) {
            assertThat(tally(ACROSS, concern(PAYMENTS), both, order.stream().map(who -> says(who, Decision.APPROVE)).toArray(Review[]::new))
                    .outcome()).isEqualTo(Tally.Outcome.APPROVED);
        }
    }

    @Test
    void theOrderOfVotesDoesNotMatter() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            List<Roster.Member> members = new ArrayList<>();
            List<Review> votes = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                UUID id = new UUID(random.nextLong(), i);
                members.add(member(id, "p" + i, random.nextBoolean() ? Set.of(Role.SECURITY) : Set.of(),
                        random.nextBoolean() ? new TeamName[] {PAYMENTS} : new TeamName[] {REFUNDS}));
                if (random.nextInt(3) > 0) {
                    votes.add(says(id, Decision.APPROVE));
                }
            }
            Eligibility eligibility = Eligibility.of(WIDE, concern(PAYMENTS, REFUNDS), roster(members.toArray(Roster.Member[]::new)));
            Tally first = Tally.of(eligibility, votes);
            Collections.shuffle(votes, random);
            assertThat(Tally.of(eligibility, votes)).isEqualTo(first);
        }
    }

    @Test
    void everyOwningTeamAgreesWhereOwnersDiffer() {
        Roster three = roster(member(OLGA, "olga", Set.of(), PAYMENTS), member(SAM, "sam", Set.of(), REFUNDS));
        assertThat(tally(WITHIN, concern(PAYMENTS, REFUNDS), three, says(OLGA, Decision.APPROVE)).outcome()).isEqualTo(Tally.Outcome.PENDING);
        Tally both = tally(WITHIN, concern(PAYMENTS, REFUNDS), three, says(OLGA, Decision.APPROVE), says(SAM, Decision.APPROVE));
        assertThat(both.outcome()).isEqualTo(Tally.Outcome.APPROVED);
        assertThat(both.stages()).extracting(stage -> stage.seats().name()).containsExactly("Owner (payments)", "Owner (refunds)");
    }

    @Test
    void oneRejectionSettlesIt() {
        assertThat(tally(WIDE, concern(PAYMENTS), USUAL, says(OLGA, Decision.APPROVE), says(SAM, Decision.REJECT)).outcome())
                .isEqualTo(Tally.Outcome.REJECTED);
        assertThat(tally(WIDE, concern(PAYMENTS), USUAL, says(SAM, Decision.REQUEST_CHANGES)).outcome())
                .isEqualTo(Tally.Outcome.CHANGES_REQUESTED);
    }

    @Test
    void theWordOfSomeoneWithoutASeatCountsForNothing() {
        assertThat(tally(WITHIN, concern(PAYMENTS), USUAL, says(SAM, Decision.REJECT)).outcome()).isEqualTo(Tally.Outcome.PENDING);
        assertThat(tally(WITHIN, concern(PAYMENTS), USUAL, says(ERIN, Decision.APPROVE)).outcome()).isEqualTo(Tally.Outcome.PENDING);
    }

    @Test
    void theWordOfSomeoneWhoLostTheirRoleCountsNoLonger() {
        Review[] words = {says(OLGA, Decision.APPROVE), says(SAM, Decision.APPROVE)};
        assertThat(tally(ACROSS, concern(PAYMENTS), USUAL, words).outcome()).isEqualTo(Tally.Outcome.APPROVED);
        Roster later = roster(member(OLGA, "olga", Set.of(), PAYMENTS), member(SAM, "sam", Set.of()), member(SOFIA, "sofia", Set.of(Role.SECURITY)));
        assertThat(tally(ACROSS, concern(PAYMENTS), later, words).outcome()).isEqualTo(Tally.Outcome.PENDING);
    }

    @Test
    void aSecondVoteOfTheSamePersonDoesNotCount() {
        assertThat(tally(WIDE, concern(PAYMENTS), USUAL, says(OLGA, Decision.APPROVE), says(SAM, Decision.APPROVE), says(SAM, Decision.APPROVE))
                .outcome()).isEqualTo(Tally.Outcome.PENDING);
    }

    @Test
    void nobodyToDecideApprovesNothing() {
        Eligibility none = Eligibility.of(WITHIN, concern(), USUAL);
        assertThat(none.possible()).isFalse();
        assertThat(none.why()).isEqualTo("payment-service in production has no owner who could agree. An administrator names its team under Services.");
        assertThat(Tally.of(none, List.of()).outcome()).isEqualTo(Tally.Outcome.PENDING);
        assertThat(Tally.of(none, List.of(says(OLGA, Decision.APPROVE))).outcome()).isEqualTo(Tally.Outcome.PENDING);
    }

    @Test
    void aGapSaysWhomToAdd() {
        Roster small = roster(member(OLGA, "olga", Set.of(), PAYMENTS), member(SAM, "sam", Set.of(Role.SECURITY)));
        assertThat(Eligibility.of(WIDE, concern(PAYMENTS), small).why())
                .isEqualTo("Security needs 2 of role:SECURITY, and only 1 can act. Add a person to role:SECURITY who neither asks nor gains.");
        Roster own = roster(member(OLGA, "olga", Set.of(), PAYMENTS, ORDERS));
        assertThat(Eligibility.of(WITHIN, concern(PAYMENTS), own).why()).isEqualTo("Owner needs 1 of team:payments, and nobody can act, because"
                + " requester and the teams that gain never decide. Add a person to team:payments who neither asks nor gains.");
        Roster alone = roster(member(OLGA, "olga", Set.of(Role.SECURITY), PAYMENTS));
        assertThat(Eligibility.of(ACROSS, concern(PAYMENTS), alone).why()).contains("each person counts in one stage");
        assertThat(Eligibility.of(ACROSS, concern(PAYMENTS), USUAL).why()).isEmpty();
    }

    @Test
    void requesterAndBeneficiariesAreToldWhyTheyNeverDecide() {
        Roster insiders = roster(member(ERIN, "erin", Set.of(Role.SECURITY)), member(SAM, "sam", Set.of(Role.SECURITY), ORDERS),
                member(SOFIA, "sofia", Set.of(Role.SECURITY)), member(OLGA, "olga", Set.of(), PAYMENTS));
        Eligibility eligibility = Eligibility.of(ACROSS, concern(PAYMENTS), insiders);
        assertThat(eligibility.refuses(ERIN, insiders)).hasValueSatisfying(why -> assertThat(why).contains("asked for this yourself"));
        assertThat(eligibility.refuses(SAM, insiders)).hasValueSatisfying(why -> assertThat(why).contains("Your team owns a calling service"));
        assertThat(eligibility.refuses(SOFIA, insiders)).isEmpty();
        assertThat(eligibility.refuses(OLGA, insiders)).isEmpty();
        assertThat(eligibility.refuses(new UUID(5, 5), insiders)).hasValueSatisfying(why -> assertThat(why).contains("not active"));
        assertThat(eligibility.refuses(OLGA, insiders)).isEmpty();
        assertThat(Eligibility.of(WITHIN, concern(PAYMENTS), USUAL).refuses(SAM, USUAL))
                .contains("This is decided by team:payments. Your roles and teams name none of them.");
    }

    @Test
    void leavingATeamThatGainsDoesNotFreeAnyone() {
        Roster left = roster(member(SAM, "sam", Set.of(Role.SECURITY)), member(OLGA, "olga", Set.of(), PAYMENTS));
        Concern concern = new Concern(ERIN, Set.of(ORDERS.id()), Set.of(SAM), "payment-service in production", List.of(PAYMENTS));
        Eligibility eligibility = Eligibility.of(ACROSS, concern, left);
        assertThat(eligibility.refuses(SAM, left)).hasValueSatisfying(why -> assertThat(why).contains("when it was submitted"));
        assertThat(eligibility.possible()).isFalse();
    }
}
