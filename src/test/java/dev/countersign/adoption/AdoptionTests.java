package dev.countersign.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.delivery.Kubernetes;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RollingBack;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.demo.cluster.RequestLog;
import dev.countersign.grants.GrantLedger;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.Revising;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Terms;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// From a policy that somebody made by hand to the same rules in ours: what order things happen in, and that nothing is deleted but
/// exactly the object that was adopted, whatever happens in between.
@PortalTest
class AdoptionTests {
    private static final String LEGACY = "legacy-payments";
    private static final String OURS = "countersign-payment-service";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    RequestDesk requests;

    @Autowired
    ReviewBoard board;

    @Autowired
    GrantLedger grants;

    @Autowired
    RollbackDesk rollbacks;

    @Autowired
    AdoptionDesk desk;

    @Autowired
    RemovalLedger ledger;

    @Autowired
    Remover remover;

    @Autowired
    CatalogSync sync;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private Shop shop;
    private Kubernetes kubernetes;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        kubernetes = new Kubernetes(shop.cluster());
        seed(LEGACY);
    }

    @AfterEach
    void close() {
        shop.cluster().faults().clear();
        shop.close();
    }

    private void seed(String name) {
        shop.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", name),
                "spec", Map.of("selector", Map.of("matchLabels", Map.of("app", "payment-service")), "action", "ALLOW", "rules", List.of(
                        rule("order-service", "POST", "/api/v1/payments/*"), rule("billing-service", "GET", "/api/v1/receipts/*")))));
        look();
    }

    private static Map<String, Object> rule(String caller, String method, String path) {
        return Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/" + caller)))),
                "to", List.of(Map.of("operation", Map.of("methods", List.of(method), "paths", List.of(path)))));
    }

    private void look() {
        CurrentTenant.run(tenant.tenant().id(), () -> assertThat(sync.syncNow(shop.ref().id())).isEmpty());
    }

    private <T> T in(Callable<T> work) throws Exception {
        return CurrentTenant.call(tenant.tenant().id(), () -> {
            try {
                return work.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private Adopting.Proposed propose() throws Exception {
        Terms terms = new Terms(new Justification("Checkout has always settled payments by this policy; nobody wrote down why.", Optional.of("PAY-9")),
                new GrantPeriod.For(Duration.ofDays(90)));
        Adopting adopting = in(() -> desk.propose(fixtures.current(tenant, "engineer"), new AdoptionDesk.Proposal("demo", "production", LEGACY, terms)));
        assertThat(adopting).isInstanceOf(Adopting.Proposed.class);
        return (Adopting.Proposed) adopting;
    }

    private Deciding decide(long request, Decision decision) throws Exception {
        RequestView view = in(() -> requests.find(request)).orElseThrow();
        return in(() -> board.decide(fixtures.current(tenant, "owner"), request, decision, view.digest(), "As it always was."));
    }

    private void approve(Adopting.Proposed proposed) throws Exception {
        for (long request : proposed.requests()) {
            assertThat(decide(request, Decision.APPROVE)).isInstanceOf(Deciding.Recorded.class);
        }
    }

    private Adoption await(long number, AdoptionState state) throws Exception {
        Instant deadline = Instant.now().plusSeconds(40);
        Adoption adoption = in(() -> desk.find(number)).orElseThrow();
        while (adoption.state() != state) {
            assertThat(Instant.now()).as("waited too long for %s; last was %s %s", state, adoption.state(), adoption.words()).isBefore(deadline);
            Thread.sleep(50);
            adoption = in(() -> desk.find(number)).orElseThrow();
        }
        return adoption;
    }

    private void awaitHit(Faults.Armed fault) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(30);
        while (fault.hits() == 0) {
            assertThat(Instant.now()).as("nobody asked the cluster").isBefore(deadline);
            Thread.sleep(20);
        }
    }

    private Faults.Where deletions() {
        return shop.cluster().faults().on("delete", "authorizationpolicies.security.istio.io").named(LEGACY);
    }

    private List<RequestLog.Entry> stored(String verb) {
        return shop.cluster().requests().writes().stream().filter(entry -> entry.stored() && entry.verb().equals(verb)).toList();
    }

    private List<String> entries(String column) {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select " + column + " from audit_entry where kind like 'adoption.%' order by seq").query(String.class).list());
    }

    @Test
    void ourPolicyIsThereFirstThenExactlyTheAdoptedObjectIsRemoved() throws Exception {
        Adopting.Proposed proposed = propose();
        assertThat(proposed.requests()).hasSize(2);
        decide(proposed.requests().getFirst(), Decision.APPROVE);
        Thread.sleep(500);
        assertThat(kubernetes.policy("production", LEGACY)).as("half of the rules are not enough").isPresent();
        decide(proposed.requests().getLast(), Decision.APPROVE);
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(kubernetes.policy("production", LEGACY)).isEmpty();
        assertThat(kubernetes.principals(kubernetes.policy("production", OURS).orElseThrow())).containsExactly(
                "cluster.local/ns/production/sa/billing-service", "cluster.local/ns/production/sa/order-service");
        RequestLog.Entry deletion = stored("delete").getFirst();
        assertThat(stored("delete")).singleElement().satisfies(entry -> assertThat(entry.name()).isEqualTo(LEGACY));
        assertThat(stored("patch")).allSatisfy(entry -> assertThat(entry.name()).isEqualTo(OURS)).allSatisfy(entry -> assertThat(entry.at()).isBefore(deletion.at()));
        assertThat(entries("kind")).containsExactly("adoption.proposed", "adoption.removing", "adoption.removed");
        assertThat(entries("content").get(1)).contains("\"managedFields\"").contains("/api/v1/receipts/*").contains("\"resourceVersion\"").contains("\"uid\"");
    }

    @Test
    void anAdoptedGrantIsRevokedLikeAnyOther() throws Exception {
        Adopting.Proposed proposed = propose();
        approve(proposed);
        await(proposed.number(), AdoptionState.REMOVED);
        long grant = in(() -> grants.ofRequest(proposed.requests().getLast())).getFirst().number();
        in(() -> grants.revoke(fixtures.current(tenant, "owner"), grant, "billing reads them elsewhere now"));
        Instant deadline = Instant.now().plusSeconds(20);
        while (kubernetes.principals(kubernetes.policy("production", OURS).orElseThrow()).size() > 1) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(50);
        }
        assertThat(kubernetes.principals(kubernetes.policy("production", OURS).orElseThrow())).containsExactly("cluster.local/ns/production/sa/order-service");
        assertThat(in(() -> desk.find(proposed.number())).orElseThrow().state()).isEqualTo(AdoptionState.REMOVED);
    }

    @Test
    void whatWasChangedBeforeTheApprovalIsNotApproved() throws Exception {
        Adopting.Proposed proposed = propose();
        kubernetes.openToEveryone("production", LEGACY, "mallory");
        look();
        assertThat(decide(proposed.requests().getFirst(), Decision.APPROVE)).isInstanceOf(Deciding.Stale.class);
        assertThat(in(() -> grants.ofRequest(proposed.requests().getFirst()))).isEmpty();
    }

    /// The effect of the request is the same, but the object is not the one that was proposed.
    @Test
    void aLabelIsEnoughToMakeItAnotherObject() throws Exception {
        Adopting.Proposed proposed = propose();
        kubernetes.label("production", LEGACY, "touched", "yes");
        look();
        assertThat(decide(proposed.requests().getFirst(), Decision.APPROVE)).isInstanceOfSatisfying(Deciding.Stale.class,
                stale -> assertThat(stale.message()).contains("was changed in the cluster since it was proposed"));
    }

    @Test
    void whatWasChangedAfterTheApprovalIsNotDeletedAndIsAFinding() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().answer(503);
        approve(proposed);
        awaitHit(fault);
        kubernetes.label("production", LEGACY, "touched", "yes");
        fault.close();
        Adoption adoption = await(proposed.number(), AdoptionState.STOPPED);
        assertThat(adoption.words()).contains("was changed after it was adopted").contains("nothing was deleted");
        assertThat(adoption.advice()).isNotBlank();
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
        assertThat(stored("delete")).isEmpty();
        assertThat(entries("kind")).containsExactly("adoption.proposed", "adoption.removing", "adoption.stopped");
    }

    @Test
    void whileOursIsNotInTheClusterNothingIsDeleted() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(422, "admission says no");
        approve(proposed);
        awaitHit(fault);
        Instant deadline = Instant.now().plusSeconds(20);
        while (in(() -> desk.find(proposed.number())).orElseThrow().words().isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(50);
        }
        assertThat(in(() -> desk.find(proposed.number())).orElseThrow().words()).contains("is not in the cluster yet");
        assertThat(shop.cluster().requests().writes()).noneMatch(entry -> entry.verb().equals("delete"));
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
    }

    @Test
    void aGrantThatEndedInBetweenKeepsTheObject() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().answer(503);
        approve(proposed);
        awaitHit(fault);
        long grant = in(() -> grants.ofRequest(proposed.requests().getFirst())).getFirst().number();
        in(() -> grants.revoke(fixtures.current(tenant, "owner"), grant, "not needed after all"));
        fault.close();
        assertThat(await(proposed.number(), AdoptionState.STOPPED).words()).contains("Grant " + grant).contains("has ended");
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
    }

    /// A roll back in between takes a rule out of ours: the object stays until it is lifted.
    @Test
    void aSuspendedGrantKeepsTheObjectUntilItIsResumed() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().answer(503);
        approve(proposed);
        awaitHit(fault);
        PolicyKey key = new PolicyKey(shop.ref().id(), "production", OURS);
        assertThat(in(() -> rollbacks.rollBack(fixtures.current(tenant, "security"), key, 1, rollbacks.look(key, 1).orElseThrow().digest(), "a leak")))
                .isInstanceOf(RollingBack.Suspended.class);
        fault.close();
        Instant deadline = Instant.now().plusSeconds(30);
        while (!in(() -> desk.find(proposed.number())).orElseThrow().words().contains("is suspended")) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(50);
        }
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
        assertThat(in(() -> rollbacks.resume(fixtures.current(tenant, "security"), 1, rollbacks.lookAtResuming(1).orElseThrow().digest(), "none")))
                .isInstanceOf(RollingBack.Resumed.class);
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(kubernetes.policy("production", LEGACY)).isEmpty();
    }

    /// Another hand takes our policy away in between: removing the old one would then cut or open, and waits.
    @Test
    void itIsRemovedOnlyOnTopOfWhatTheClusterReallyHolds() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().answer(503);
        approve(proposed);
        awaitHit(fault);
        Removal removal = claimed(proposed.number());
        Faults.Armed writes = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(503);
        kubernetes.delete("production", OURS);
        assertThat(in(() -> remover.remove(removal))).isInstanceOfSatisfying(RemovalReceipt.Postponed.class,
                postponed -> assertThat(postponed.words()).containsAnyOf("is not proven that nothing changes", "is not in the cluster yet"));
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
        writes.close();
        fault.close();
        expire(proposed.number());
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(kubernetes.policy("production", OURS)).isPresent();
    }

    /// Claims it away from the loop; nothing else holds it until the lease ends.
    private Removal claimed(long adoption) throws Exception {
        Instant deadline = Instant.now().plusSeconds(30);
        while (true) {
            tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update adoption_removal set due_at = now() where due_at is not null").update());
            for (Removal removal : in(() -> ledger.claim(1))) {
                if (removal.adoption().number() == adoption) {
                    return removal;
                }
            }
            assertThat(Instant.now()).as("the loop never let go of it").isBefore(deadline);
            Thread.sleep(10);
        }
    }

    private void expire(long adoption) {
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("""
                        update adoption_removal
                        set lease_until = now() - interval '1 second',
                            due_at = case when due_at is null then null else now() end
                        where adoption_id = (select id from adoption where number = ?)""").param(adoption).update());
    }

    /// The deletion happened and nobody was told.
    @Test
    void aReplicaThatDiedAfterTheDeletionIsFollowedByOneThatFindsItDone() throws Exception {
        Adopting.Proposed proposed = propose();
        deletions().times(1).loseReply();
        approve(proposed);
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(stored("delete")).hasSize(1);
        assertThat(entries("kind")).containsExactly("adoption.proposed", "adoption.removing", "adoption.removed");
    }

    @Test
    void aReplicaThatDiedBetweenTheRecordAndTheDeletionIsFollowedByOneThatGoesOn() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().answer(503);
        approve(proposed);
        awaitHit(fault);
        Removal dead = claimed(proposed.number());
        assertThat(dead.begun()).isTrue();
        fault.close();
        assertThat(kubernetes.policy("production", LEGACY)).as("both are in force until somebody goes on").isPresent();
        assertThat(kubernetes.policy("production", OURS)).isPresent();
        expire(proposed.number());
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(in(() -> ledger.record(dead, new RemovalReceipt.Stopped("late", "late")))).as("the dead one has nothing to say").isFalse();
        assertThat(in(() -> ledger.begin(dead, null, List.of()))).as("and may delete nothing").isFalse();
        assertThat(entries("kind")).containsExactly("adoption.proposed", "adoption.removing", "adoption.removed");
        assertThat(in(() -> desk.find(proposed.number())).orElseThrow().state()).isEqualTo(AdoptionState.REMOVED);
    }

    @Test
    void anObjectOfThatNameThatWasMadeAnewIsLeftAlone() throws Exception {
        Adopting.Proposed proposed = propose();
        Faults.Armed fault = deletions().times(1).answer(503);
        approve(proposed);
        awaitHit(fault);
        Removal held = claimed(proposed.number());
        kubernetes.delete("production", LEGACY);
        seed(LEGACY);
        expire(proposed.number());
        await(proposed.number(), AdoptionState.REMOVED);
        assertThat(kubernetes.policy("production", LEGACY)).as("another object").isPresent();
        assertThat(held.adoption().version().uid()).isNotEqualTo(uid());
    }

    @SuppressWarnings("unchecked")
    private String uid() {
        return ((Map<String, String>) kubernetes.policy("production", LEGACY).orElseThrow().get("metadata")).get("uid");
    }

    @Test
    void manyReplicasRemoveItOnce() throws Exception {
        Adopting.Proposed proposed = propose();
        approve(proposed);
        List<RemovalLoop> replicas = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            replicas.add(new RemovalLoop(tenants, ledger, remover, Duration.ofMillis(50)));
        }
        replicas.forEach(RemovalLoop::start);
        try {
            await(proposed.number(), AdoptionState.REMOVED);
        } finally {
            replicas.forEach(RemovalLoop::stop);
        }
        assertThat(shop.cluster().requests().writes().stream().filter(entry -> entry.verb().equals("delete"))).hasSize(1);
        assertThat(entries("kind")).containsExactly("adoption.proposed", "adoption.removing", "adoption.removed");
    }

    @Test
    void oneRejectedRuleKeepsThePolicyAndTheOthersUndecided() throws Exception {
        Adopting.Proposed proposed = propose();
        decide(proposed.requests().getFirst(), Decision.REJECT);
        assertThat(decide(proposed.requests().getLast(), Decision.APPROVE)).isInstanceOfSatisfying(Deciding.Stale.class,
                stale -> assertThat(stale.message()).contains("request " + proposed.requests().getFirst() + " is rejected"));
        assertThat(in(() -> desk.find(proposed.number())).orElseThrow().state()).isEqualTo(AdoptionState.ABANDONED);
        assertThat(kubernetes.policy("production", LEGACY)).isPresent();
        assertThat(propose().number()).as("and it can be proposed anew").isEqualTo(proposed.number() + 1);
    }

    @Test
    void aRuleOfAnAdoptionKeepsAskingForExactlyThat() throws Exception {
        Adopting.Proposed proposed = propose();
        RequestView first = in(() -> requests.find(proposed.requests().getFirst())).orElseThrow();
        RequestView other = in(() -> requests.find(proposed.requests().getLast())).orElseThrow();
        ServiceAccess asked = (ServiceAccess) first.ask();
        ServiceAccess wider = new ServiceAccess(asked.clusters(), asked.from(), asked.to(), ((ServiceAccess) other.ask()).operations(), List.of());
        assertThat(in(() -> requests.revise(fixtures.current(tenant, "engineer"), first.number(), new Draft(wider, first.justification(), first.period()), OptionalInt.empty())))
                .isInstanceOfSatisfying(Revising.Refused.class, refused -> assertThat(refused.foresight().refusals()).anySatisfy(problem ->
                        assertThat(problem.message()).contains("asks for exactly that")));
        assertThat(in(() -> requests.revise(fixtures.current(tenant, "engineer"), first.number(),
                new Draft(first.ask(), first.justification(), new GrantPeriod.For(Duration.ofDays(30))), OptionalInt.empty()))).isInstanceOf(Revising.Revised.class);
    }

    /// A cluster that goes by a Git repository: nothing is deleted from it, and who removes the policy there completes the adoption.
    @Test
    void fromAClusterThatGoesByARepositoryNothingIsRemoved(@Autowired dev.countersign.delivery.ModeDesk modes, @org.junit.jupiter.api.io.TempDir java.nio.file.Path folder) throws Exception {
        try (dev.countersign.delivery.GitServer git = new dev.countersign.delivery.GitServer(folder)) {
            assertThat(in(() -> modes.toRepository(fixtures.current(tenant, "admin"), "demo", new dev.countersign.delivery.RepositorySetting(git.url(), "main", "", "robot",
                    Optional.of("the right password"))))).isInstanceOf(dev.countersign.delivery.ModeChange.Changed.class);
            Adopting.Proposed proposed = propose();
            approve(proposed);
            String ours = "production/countersign-payment-service.yaml";
            // Each approval is a revision; the controller follows until both are in force.
            for (int i = 0; i < 400 && !in(() -> desk.find(proposed.number()).orElseThrow().words()).contains("Git repository"); i++) {
                Thread.sleep(50);
                if (git.tip("main").isPresent()) {
                    git.file("main", ours).ifPresent(yaml -> kubernetes.applyFile(yaml, "kustomize-controller"));
                }
                hurry(proposed.number());
            }
            assertThat(in(() -> desk.find(proposed.number()).orElseThrow())).satisfies(adoption -> {
                assertThat(adoption.state()).isEqualTo(AdoptionState.WAITING);
                assertThat(adoption.words()).contains("so the portal removes nothing from it");
            });
            assertThat(kubernetes.policy("production", LEGACY)).isPresent();
            assertThat(shop.cluster().requests().entries()).noneMatch(entry -> entry.user().equals("portal") && List.of("patch", "delete", "create", "update").contains(entry.verb())
                    && entry.resource().startsWith("authorizationpolicies"));
            kubernetes.delete("production", LEGACY);
            hurry(proposed.number());
            assertThat(await(proposed.number(), AdoptionState.REMOVED).words()).contains("Another hand had removed the policy");
        }
    }

    /// It is due now.
    private void hurry(long adoption) {
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update adoption_removal m set due_at = now() from adoption a where a.tenant_id = m.tenant_id and a.id = m.adoption_id and a.number = ? and m.due_at is not null and m.lease_until is null")
                .param(adoption).update());
    }

    @Test
    void whatOthersOwnIsNotFound() throws Exception {
        Adopting.Proposed proposed = propose();
        TestTenant globex = fixtures.tenant();
        CurrentTenant.run(globex.tenant().id(), () -> {
            assertThat(desk.find(proposed.number())).isEmpty();
            assertThat(desk.ofRequest(proposed.requests().getFirst())).isEmpty();
            Terms terms = new Terms(new Justification("It is not mine, and I would like to have it.", Optional.empty()), new GrantPeriod.For(Duration.ofDays(90)));
            assertThat(desk.propose(fixtures.current(globex, "engineer"), new AdoptionDesk.Proposal("demo", "production", LEGACY, terms))).isInstanceOf(Adopting.Unknown.class);
        });
    }
}
