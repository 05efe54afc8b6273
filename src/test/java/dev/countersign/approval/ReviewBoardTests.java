package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class ReviewBoardTests {
    private static final Actor SETUP = Actor.system("test");

    @Autowired
    Story stories;

    @Autowired
    ReviewBoard board;

    @Autowired
    RequestDesk desk;

    @Autowired
    GrantLedger ledger;

    @Autowired
    People people;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private static RequestState after(Deciding deciding) {
        return ((Deciding.Recorded) deciding).state();
    }

    private List<String> kinds(Story.Cast acme, long number) {
        return tenants.inTenant(acme.id(), () -> jdbc.sql("select kind from audit_entry where subject_kind = 'request' and subject_id = ? order by seq")
                .param(Long.toString(number))
                .query(String.class)
                .list());
    }

    @Test
    void theOwnersWordApprovesAndGrantsAtOnce() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        assertThat(after(acme.decide("owner", number, Decision.APPROVE, ""))).isEqualTo(RequestState.APPROVED);
        assertThat(acme.request(number).state()).isEqualTo(RequestState.APPROVED);
        assertThat(acme.in(() -> ledger.ofRequest(number))).singleElement().satisfies(grant -> {
            assertThat(grant.digest()).isEqualTo(acme.request(number).digest());
            assertThat(grant.until()).contains(grant.from().plus(java.time.Duration.ofDays(90)));
        });
        assertThat(kinds(acme, number)).containsExactly("request.submitted", "request.planned", "request.approved");
    }

    @Test
    void acrossNamespacesBothStagesAgreeInAnyOrder() {
        for (List<String> order : List.of(List.of("owner", "security"), List.of("security", "owner"))) {
            var acme = stories.begin();
            long number = acme.submit("engineer", Story.across());
            Deciding first = acme.decide(order.getFirst(), number, Decision.APPROVE, "");
            assertThat(first).isEqualTo(new Deciding.Recorded(number, 1, RequestState.SUBMITTED, order.getLast()));
            assertThat(acme.in(() -> ledger.ofRequest(number))).isEmpty();
            assertThat(after(acme.decide(order.getLast(), number, Decision.APPROVE, "Fine."))).isEqualTo(RequestState.APPROVED);
            assertThat(kinds(acme, number)).containsExactly("request.submitted", "request.planned", "request.reviewed", "request.approved");
        }
    }

    @Test
    void theWholeServiceNeedsTwoOfSecurity() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.wide());
        assertThat(((Deciding.Recorded) acme.decide("security", number, Decision.APPROVE, "")).missing()).isEqualTo("owner and security");
        assertThat(((Deciding.Recorded) acme.decide("owner", number, Decision.APPROVE, "")).missing()).isEqualTo("security");
        assertThat(after(acme.decide("security2", number, Decision.APPROVE, ""))).isEqualTo(RequestState.APPROVED);
    }

    @Test
    void theRequesterIsRefusedWhateverTheirRole() {
        var acme = stories.begin();
        tenants.doInTenant(acme.id(), () -> {
            people.setRoles(SETUP, acme.tenant().person("engineer"), Set.of(Role.SECURITY, Role.ADMINISTRATOR));
            people.join(SETUP, acme.tenant().team("payments"), acme.tenant().person("engineer"));
        });
        long number = acme.submit("engineer", Story.usual());
        for (Decision decision : Decision.values()) {
            assertThat(acme.decide("engineer", number, decision, "words")).isInstanceOfSatisfying(Deciding.NotEligible.class,
                    refusal -> assertThat(refusal.message()).contains("asked for this yourself"));
        }
    }

    @Test
    void whoGainedAtSubmissionIsRefusedAfterLeavingTheTeam() {
        var acme = stories.begin();
        tenants.doInTenant(acme.id(), () -> people.join(SETUP, acme.tenant().team("orders"), acme.tenant().person("security")));
        long number = acme.submit("engineer", Story.across());
        assertThat(acme.decide("security", number, Decision.APPROVE, "")).isInstanceOf(Deciding.NotEligible.class);
        tenants.doInTenant(acme.id(), () -> people.leave(SETUP, acme.tenant().team("orders"), acme.tenant().person("security")));
        assertThat(acme.decide("security", number, Decision.APPROVE, "")).isInstanceOfSatisfying(Deciding.NotEligible.class,
                refusal -> assertThat(refusal.message()).contains("when it was submitted"));
        assertThat(acme.decide("security2", number, Decision.APPROVE, "")).isInstanceOf(Deciding.Recorded.class);
    }

    @Test
    void whoJoinsATeamThatGainsIsRefused() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.across());
        tenants.doInTenant(acme.id(), () -> people.join(SETUP, acme.tenant().team("orders"), acme.tenant().person("security")));
        assertThat(acme.decide("security", number, Decision.APPROVE, "")).isInstanceOf(Deciding.NotEligible.class);
    }

    @Test
    void aTokenIsItsPerson() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        String digest = acme.request(number).digest();
        CurrentPerson engineer = acme.person("engineer");
        assertThat(acme.in(() -> board.decide(byToken(engineer, Scope.REVIEW), number, Decision.APPROVE, digest, ""))).isInstanceOf(Deciding.NotEligible.class);
        CurrentPerson owner = acme.person("owner");
        assertThat(acme.in(() -> board.decide(byToken(owner, Scope.READ), number, Decision.APPROVE, digest, "")))
                .isInstanceOfSatisfying(Deciding.NotEligible.class, refusal -> assertThat(refusal.message()).contains("scope review"));
        assertThat(after(acme.in(() -> board.decide(byToken(owner, Scope.REVIEW), number, Decision.APPROVE, digest, "")))).isEqualTo(RequestState.APPROVED);
    }

    private static CurrentPerson byToken(CurrentPerson person, Scope scope) {
        return new CurrentPerson(person.tenant(), person.tenantSlug(), person.tenantName(), person.id(), person.username(), person.displayName(),
                person.roles(), person.teams(), Optional.of(new CurrentPerson.TokenUse(UUID.randomUUID(), "ci", Set.of(scope))));
    }

    @Test
    void rolesCountAsTheyAreNotAsTheSessionRemembersThem() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.across());
        CurrentPerson before = acme.person("security");
        tenants.doInTenant(acme.id(), () -> people.setRoles(SETUP, before.id(), Set.of()));
        assertThat(acme.in(() -> board.decide(before, number, Decision.APPROVE, acme.request(number).digest(), ""))).isInstanceOf(Deciding.NotEligible.class);
        CurrentPerson owner = acme.person("owner");
        tenants.doInTenant(acme.id(), () -> people.deactivate(SETUP, owner.id()));
        assertThat(acme.in(() -> board.decide(owner, number, Decision.APPROVE, acme.request(number).digest(), "")))
                .isInstanceOfSatisfying(Deciding.NotEligible.class, refusal -> assertThat(refusal.message()).contains("not active"));
    }

    @Test
    void theWordOfSomeoneWhoLostTheirRoleNoLongerApproves() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.across());
        acme.decide("security", number, Decision.APPROVE, "");
        tenants.doInTenant(acme.id(), () -> people.setRoles(SETUP, acme.tenant().person("security"), Set.of()));
        assertThat(after(acme.decide("owner", number, Decision.APPROVE, ""))).isEqualTo(RequestState.SUBMITTED);
        assertThat(after(acme.decide("security2", number, Decision.APPROVE, ""))).isEqualTo(RequestState.APPROVED);
    }

    @Test
    void anEmptiedApproverSetApprovesNothing() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        tenants.doInTenant(acme.id(), () -> people.leave(SETUP, acme.tenant().team("payments"), acme.tenant().person("owner")));
        for (String username : acme.tenant().persons().keySet()) {
            assertThat(acme.decide(username, number, Decision.APPROVE, "")).as(username).isInstanceOf(Deciding.NotEligible.class);
        }
        Standing standing = acme.in(() -> board.standing(acme.person("owner"), number)).orElseThrow();
        assertThat(standing.possible()).isFalse();
        assertThat(standing.why()).contains("Add a person to team:payments");
        assertThat(acme.request(number).state()).isEqualTo(RequestState.SUBMITTED);
    }

    @Test
    void whatNobodyCouldApproveIsNotSubmitted() {
        var acme = stories.begin();
        tenants.doInTenant(acme.id(), () -> people.leave(SETUP, acme.tenant().team("payments"), acme.tenant().person("owner")));
        assertThat(acme.in(() -> desk.submit(acme.person("engineer"), Story.usual()))).isInstanceOfSatisfying(Submission.Refused.class,
                refused -> assertThat(refused.foresight().refusals()).anySatisfy(problem -> assertThat(problem.message()).contains("team:payments")));
    }

    @Test
    void aSecondVoteOfTheSamePersonDoesNotCount() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.wide());
        assertThat(acme.decide("security", number, Decision.APPROVE, "")).isInstanceOf(Deciding.Recorded.class);
        for (Decision decision : Decision.values()) {
            assertThat(acme.decide("security", number, decision, "again")).isInstanceOfSatisfying(Deciding.AlreadySaid.class,
                    refusal -> assertThat(refusal.message()).contains("a word is given once"));
        }
        assertThat(kinds(acme, number)).containsExactly("request.submitted", "request.planned", "request.reviewed");
    }

    @Test
    void aRejectionAndAWishForChangesNeedWords() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        assertThat(acme.decide("owner", number, Decision.REJECT, "  ")).isInstanceOf(Deciding.CommentRefused.class);
        assertThat(acme.decide("owner", number, Decision.REQUEST_CHANGES, "")).isInstanceOf(Deciding.CommentRefused.class);
        assertThat(acme.decide("owner", number, Decision.APPROVE, "x".repeat(4_001))).isInstanceOf(Deciding.CommentRefused.class);
        assertThat(after(acme.decide("owner", number, Decision.REJECT, "x".repeat(4_000)))).isEqualTo(RequestState.REJECTED);
    }

    @Test
    void aNewVersionVoidsEveryWordAndIsDecidedByItsOwnDigest() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.across());
        String first = acme.request(number).digest();
        acme.decide("owner", number, Decision.APPROVE, "");
        assertThat(after(acme.decide("security", number, Decision.REQUEST_CHANGES, "One path is enough."))).isEqualTo(RequestState.CHANGES_REQUESTED);
        assertThat(acme.decide("security2", number, Decision.APPROVE, "")).isInstanceOf(Deciding.NotOpen.class);
        acme.in(() -> desk.revise(acme.person("engineer"), number, Story.draft(List.of(new dev.countersign.requests.AskSource.Account("staging", "order-service")),
                Story.paths("/api/v1/payments/one"), new dev.countersign.requests.GrantPeriod.For(java.time.Duration.ofDays(30))), OptionalInt.empty()));
        assertThat(acme.decide("security", number, Decision.APPROVE, first, "")).isInstanceOfSatisfying(Deciding.Stale.class, stale -> {
            assertThat(stale.version()).isEqualTo(2);
            assertThat(stale.digest()).isEqualTo(acme.request(number).digest());
        });
        assertThat(after(acme.decide("security", number, Decision.APPROVE, ""))).isEqualTo(RequestState.SUBMITTED);
        assertThat(after(acme.decide("owner", number, Decision.APPROVE, ""))).isEqualTo(RequestState.APPROVED);
        assertThat(acme.in(() -> ledger.ofRequest(number)).getFirst().requestVersion()).isEqualTo(2);
    }

    @Test
    void anotherTenantsRequestIsUnknown() {
        var acme = stories.begin();
        var globex = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        String digest = acme.request(number).digest();
        assertThat(globex.decide("owner", number, Decision.APPROVE, digest, "")).isInstanceOf(Deciding.Unknown.class);
        assertThat(globex.in(() -> board.standing(globex.person("owner"), number))).isEmpty();
    }

    @Test
    void aChangeOfRulesConcernsWhatIsSubmittedFromThenOn() {
        var acme = stories.begin();
        long before = acme.submit("engineer", Story.usual());
        Workflow stricter = new Workflow(List.of(new ApprovalRule("Everything", ApprovalRule.Match.ANY, Set.of(),
                List.of(new Stage("Security", 1, List.of(new Eligible.Holder(Role.SECURITY)))), true)));
        acme.in(() -> rules.replace(acme.person("admin"), 0, stricter, "security sees all"));
        long later = acme.submit("engineer", Story.draft(List.of(new dev.countersign.requests.AskSource.Account("production", "billing-service")),
                Story.paths("/api/v1/refunds"), new dev.countersign.requests.GrantPeriod.For(java.time.Duration.ofDays(1))));
        assertThat(after(acme.decide("owner", before, Decision.APPROVE, ""))).isEqualTo(RequestState.APPROVED);
        assertThat(acme.decide("owner", later, Decision.APPROVE, "words")).isInstanceOf(Deciding.NotEligible.class);
        assertThat(acme.decide("security", later, Decision.APPROVE, "")).isInstanceOfSatisfying(Deciding.CommentRefused.class,
                refusal -> assertThat(refusal.message()).contains("wants words with every approval"));
        assertThat(after(acme.decide("security", later, Decision.APPROVE, "Looked at it."))).isEqualTo(RequestState.APPROVED);
    }

    @Autowired
    ApprovalRules rules;
}
