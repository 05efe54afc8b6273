package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.Role;
import dev.countersign.identity.TeamName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// S10: every way in which up to five people can be owner, beneficiary, security and requester, against a reference that
/// shares no code with the engine. `-Dapproval.role-graphs=0` walks all of them.
class RoleGraphTests {
    private static final int CASES = Integer.getInteger("approval.role-graphs", 100_000);
    private static final TeamName OWNERS = new TeamName(new UUID(9, 1), "payments", "Payments");
    private static final TeamName GAINERS = new TeamName(new UUID(9, 2), "orders", "Orders");
    private static final List<ApprovalRule> RULES = Workflow.builtIn().rules();

    /// One person: bits owner 1, beneficiary 2, security 4.
    private record Case(int[] people, int requester, int rule, int votes) {}

    @Test
    void theRightPeopleDecideInEveryRoleGraph() {
        int approved = 0;
        int refused = 0;
        int impossible = 0;
        for (Case one : cases()) {
            Reference reference = new Reference(one);
            Roster roster = roster(one);
            Eligibility eligibility = Eligibility.of(RULES.get(one.rule()), concern(one), roster);
            assertThat(eligibility.possible()).as("possible in %s", reference).isEqualTo(reference.possible());
            assertThat(eligibility.why().isEmpty()).isEqualTo(reference.possible());
            List<Review> votes = new ArrayList<>();
            for (int person = 0; person < one.people().length; person++) {
                boolean may = eligibility.refuses(id(person), roster).isEmpty();
                assertThat(may).as("person %s of %s", person, reference).isEqualTo(reference.mayDecide(person));
                if ((one.votes() & 1 << person) != 0) {
                    votes.add(new Review(id(person), "p" + person, 1, "sha256:x", Decision.APPROVE, "", Instant.EPOCH));
                }
            }
            boolean engine = Tally.of(eligibility, votes).outcome() == Tally.Outcome.APPROVED;
            assertThat(engine).as("approved in %s", reference).isEqualTo(reference.approved());
            approved += engine ? 1 : 0;
            refused += engine ? 0 : 1;
            impossible += reference.possible() ? 0 : 1;
        }
        // All three happen often, or the cases would prove nothing.
        assertThat(List.of(approved, refused, impossible)).allMatch(count -> count > 100);
    }

    private static Iterable<Case> cases() {
        if (CASES > 0) {
            Random random = new Random(20261123);
            return () -> IntStream.range(0, CASES).mapToObj(i -> {
                int[] people = random.ints(1 + random.nextInt(5), 0, 8).toArray();
                return new Case(people, random.nextInt(people.length), random.nextInt(RULES.size()), random.nextInt(1 << people.length));
            }).iterator();
        }
        return () -> IntStream.rangeClosed(1, 5).boxed().flatMap(size -> IntStream.range(0, 1 << 3 * size).boxed()
                .flatMap(graph -> IntStream.range(0, size).boxed()
                        .flatMap(requester -> IntStream.range(0, RULES.size()).boxed()
                                .flatMap(rule -> IntStream.range(0, 1 << size).mapToObj(votes -> new Case(
                                        IntStream.range(0, size).map(person -> graph >> 3 * person & 7).toArray(), requester, rule, votes)))))).iterator();
    }

    private static UUID id(int person) {
        return new UUID(1, person);
    }

    private static Concern concern(Case one) {
        return new Concern(id(one.requester()), Set.of(GAINERS.id()), Set.of(), "payment-service in production", List.of(OWNERS));
    }

    private static Roster roster(Case one) {
        List<Roster.Member> members = new ArrayList<>();
        for (int person = 0; person < one.people().length; person++) {
            int bits = one.people()[person];
            Set<UUID> teams = new HashSet<>();
            if ((bits & 1) != 0) {
                teams.add(OWNERS.id());
            }
            if ((bits & 2) != 0) {
                teams.add(GAINERS.id());
            }
            members.add(new Roster.Member(id(person), "p" + person, (bits & 4) != 0 ? Set.of(Role.SECURITY) : Set.of(), teams));
        }
        return Roster.of(members, Map.of(OWNERS.id(), "payments", GAINERS.id(), "orders"));
    }

    /// Written from issue text alone: owner always; security 2, 1 or 0 of them; requester and beneficiaries never; each in one
    /// seat. Tries every way to seat people.
    private record Reference(Case one) {
        private static final int[] SECURITY_NEEDED = {2, 1, 0};

        boolean mayDecide(int person) {
            int bits = one.people()[person];
            boolean seat = (bits & 1) != 0 || (bits & 4) != 0 && SECURITY_NEEDED[one.rule()] > 0;
            return seat && person != one.requester() && (bits & 2) == 0;
        }

        boolean possible() {
            return enough((1 << one.people().length) - 1);
        }

        boolean approved() {
            return enough(one.votes());
        }

        private boolean enough(int voters) {
            for (int owner = 0; owner < one.people().length; owner++) {
                if ((voters & 1 << owner) == 0 || !mayDecide(owner) || (one.people()[owner] & 1) == 0) {
                    continue;
                }
                int security = 0;
                for (int person = 0; person < one.people().length; person++) {
                    if (person != owner && (voters & 1 << person) != 0 && mayDecide(person) && (one.people()[person] & 4) != 0) {
                        security++;
                    }
                }
                if (security >= SECURITY_NEEDED[one.rule()]) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return "people " + java.util.Arrays.toString(one.people()) + " requester " + one.requester() + " rule " + one.rule() + " votes "
                    + Integer.toBinaryString(one.votes());
        }
    }
}
