package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.audit.Actor;
import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Revocation;
import dev.countersign.grants.Suspension;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.requests.Effect;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.test.web.servlet.MockMvc;

/// A roll back suspends what the earlier revision did not carry, revives nothing, and is lifted by whoever may. What the cluster
/// holds is read back with the Kubernetes client.
@PortalTest
class RollbackTests {
    private static final String POLICY = "countersign-payment-service";
    private static final String PAGE = "/clusters/demo/policies/production/" + POLICY;
    private static final Held SERVICE = new Held("production", "payment-service");

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    DeliveryBoard board;

    @Autowired
    StopDesk stops;

    @Autowired
    RollbackDesk rollbacks;

    @Autowired
    GrantLedger grants;

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ApplicationContext context;

    @Value("${spring.datasource.url}")
    String url;

    private TestTenant tenant;
    private Shop shop;
    private Kubernetes kubernetes;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        kubernetes = new Kubernetes(shop.cluster());
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private PolicyKey key() {
        return new PolicyKey(shop.ref().id(), "production", POLICY);
    }

    private CurrentPerson person(String username) {
        return fixtures.current(tenant, username);
    }

    private Grant grant(long request) {
        return in(() -> grants.ofRequest(request)).getFirst();
    }

    private void revoke(long request) {
        assertThat(in(() -> grants.revoke(person("security"), grant(request).number(), "No longer needed by anyone"))).isInstanceOf(Revocation.Revoked.class);
    }

    private Rollback look(long revision) {
        return in(() -> rollbacks.look(key(), revision)).orElseThrow();
    }

    private RollingBack rollBack(String who, long revision) {
        return in(() -> rollbacks.rollBack(person(who), key(), revision, look(revision).digest(), "We look into a leak."));
    }

    private long rolledBack(String who, long revision) {
        return ((RollingBack.Suspended) rollBack(who, revision)).number();
    }

    private RollingBack resume(String who, long number) {
        return in(() -> rollbacks.resume(person(who), number, rollbacks.lookAtResuming(number).map(Resuming::digest).orElse(""), "There was no leak."));
    }

    private Suspension suspension(long number) {
        return in(() -> rollbacks.find(number)).orElseThrow();
    }

    private Standing standing(long request) {
        return in(() -> board.forRequest(request)).getFirst();
    }

    private void await(String what, Supplier<Boolean> reached) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!reached.get()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    private void applied(long revision) throws InterruptedException {
        await("revision " + revision + " is applied", () -> in(() -> board.forCluster(shop.ref().id())).stream()
                .anyMatch(one -> one.state() == DeliveryState.APPLIED && one.appliedRevision().equals(Optional.of(revision))));
    }

    /// The accounts that the live policy lets in; empty where there is none.
    private List<String> callers() {
        return kubernetes.policy("production", POLICY).map(live -> kubernetes.principals(live).stream().map(name -> name.replaceAll(".*/", "")).toList()).orElse(List.of());
    }

    private String yaml(long revision) {
        return in(() -> board.revision(key(), revision)).orElseThrow().yaml();
    }

    private List<String> sentences(String kind) {
        return in(() -> jdbc.sql("select sentence from audit_entry where kind = ? order by seq").param(kind).query(String.class).list());
    }

    private void asOwnerOfTheTables(String sql) throws Exception {
        try (Connection owner = DriverManager.getConnection(url, "postgres", ""); var statement = owner.prepareStatement(sql)) {
            statement.setObject(1, tenant.tenant().id().value());
            assertThat(statement.executeUpdate()).isPositive();
        }
    }

    @Test
    void itSuspendsWhatTheRevisionDidNotCarryAndTheClusterFollows() throws Exception {
        long first = shop.approve("order-service");
        applied(1);
        long second = shop.approve("billing-service");
        applied(2);
        Rollback shown = look(1);
        assertThat(shown.current()).isEqualTo(2);
        assertThat(shown.suspends()).extracting(Grant::requestNumber).containsExactly(second);
        assertThat(shown.ended()).isEmpty();
        assertThat(shown.effect().verdict()).isEqualTo(Effect.Verdict.LESS_PERMISSIVE);
        assertThat(shown.effect().newlyAllowed()).isEmpty();
        assertThat(shown.effect().newlyCut()).singleElement().satisfies(line -> assertThat(line.witness().get("from")).isEqualTo("production/billing-service"));
        long number = rolledBack("owner", 1);
        applied(3);
        assertThat(callers()).containsExactly("order-service");
        assertThat(yaml(3)).isEqualTo(yaml(1).replace("countersign.dev/revision: \"1\"", "countersign.dev/revision: \"3\"")).isNotEqualTo(yaml(1));
        assertThat(grant(second).state()).isEqualTo(GrantState.SUSPENDED);
        assertThat(grant(second).suspension()).contains(number);
        assertThat(grant(first).state()).isEqualTo(GrantState.ACTIVE);
        assertThat(standing(second)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(DeliveryState.SUSPENDED);
            assertThat(one.words()).isEqualTo("suspended by the owning team (suspension 1, back to revision 1): We look into a leak.");
            assertThat(one.advice()).contains("the owning team or security resumes suspension 1");
        });
        assertThat(standing(first).state()).isEqualTo(DeliveryState.APPLIED);
        assertThat(suspension(number)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(Suspension.State.HOLDING);
            assertThat(one.madeAs()).isEqualTo(Suspension.MadeAs.OWNER);
            assertThat(one.grants()).containsExactly(grant(second).number());
            assertThat(one.fromRevision()).isEqualTo(2);
        });
        assertThat(sentences("grants.suspended")).containsExactly("rolled production/" + POLICY + " in cluster demo back to revision 1: suspended grant " + grant(second).number()
                + " (suspension 1)");
        // What compiles, what is foreseen and what pages count agree.
        assertThat(in(() -> grants.active(shop.ref().id()))).extracting(one -> one.requestNumber()).containsExactly(first);
        assertThat(in(() -> grants.of(shop.ref().id(), "production", "payment-service"))).hasSize(1);
        in(() -> board.reconcile(Actor.system("test"), shop.ref()));
        assertThat(callers()).containsExactly("order-service");
        assertThat(in(() -> board.revisions(key()))).extracting(DeliveryBoard.Written::number).containsExactly(3L, 2L, 1L);
    }

    @Test
    void liftingItOpensAgainWhatWasApprovedAndHasNotEnded() throws Exception {
        shop.approve("order-service");
        long second = shop.approve("billing-service");
        long third = shop.approve("frontend");
        long number = rolledBack("security", 1);
        applied(4);
        assertThat(callers()).containsExactly("order-service");
        revoke(third);
        Resuming shown = in(() -> rollbacks.lookAtResuming(number)).orElseThrow();
        assertThat(shown.grants()).extracting(Grant::requestNumber).containsExactly(second);
        assertThat(shown.effect().newlyCut()).isEmpty();
        assertThat(shown.effect().newlyAllowed()).singleElement().satisfies(line -> assertThat(line.witness().get("from")).isEqualTo("production/billing-service"));
        assertThat(resume("security", number)).isInstanceOf(RollingBack.Resumed.class);
        applied(5);
        assertThat(callers()).containsExactlyInAnyOrder("billing-service", "order-service");
        assertThat(grant(second).state()).isEqualTo(GrantState.ACTIVE);
        assertThat(grant(third).state()).isEqualTo(GrantState.REVOKED);
        assertThat(suspension(number).state()).isEqualTo(Suspension.State.RESUMED);
        assertThat(resume("security", number)).isInstanceOf(RollingBack.Nothing.class);
        assertThat(sentences("grants.resumed")).containsExactly("lifted suspension 1: grant " + grant(second).number() + " let callers of payment-service in cluster demo in again");
        // It can be suspended again, and by another decision.
        assertThat(rolledBack("owner", 1)).isEqualTo(2);
        assertThat(grant(second).suspension()).contains(2L);
    }

    @Test
    void whatIsRevokedMeanwhileEndsAndTheSuspensionWithIt() throws Exception {
        long first = shop.approve("order-service");
        long second = shop.approve("billing-service");
        long number = rolledBack("security", 1);
        revoke(second);
        assertThat(grant(second)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(GrantState.REVOKED);
            assertThat(one.suspension()).isEmpty();
        });
        assertThat(suspension(number).state()).isEqualTo(Suspension.State.OVER);
        assertThat(resume("security", number)).isInstanceOf(RollingBack.Nothing.class);
        revoke(first);
        await("the service is closed to everyone", () -> kubernetes.policy("production", POLICY).isPresent() && callers().isEmpty());
        // Revision 2 carried both; neither comes back, and nothing is left to suspend.
        assertThat(look(2)).satisfies(shown -> {
            assertThat(shown.ended()).extracting(Grant::requestNumber).containsExactly(first, second);
            assertThat(shown.suspends()).isEmpty();
        });
        assertThat(rollBack("security", 2)).isInstanceOf(RollingBack.Nothing.class);
    }

    @Test
    void whatExpiresWhileSuspendedIsOver() throws Exception {
        shop.approve("order-service");
        long second = shop.approve("billing-service");
        long number = rolledBack("security", 1);
        asOwnerOfTheTables("update access_grant set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' where tenant_id = ? and request_number = " + second);
        assertThat(grant(second).state()).as("by the clock, before it is recorded").isEqualTo(GrantState.EXPIRED);
        assertThat(suspension(number).state()).isEqualTo(Suspension.State.OVER);
        ReflectionTestUtils.invokeMethod(context.getBean("expiryJob"), "everyTenant");
        assertThat(sentences("grant.expired")).hasSize(1);
        assertThat(grant(second).state()).isEqualTo(GrantState.EXPIRED);
        assertThat(resume("security", number)).isInstanceOf(RollingBack.Nothing.class);
    }

    @Test
    void whatIsApprovedAfterwardsIsNotSuspended() throws Exception {
        shop.approve("order-service");
        long second = shop.approve("billing-service");
        rolledBack("security", 1);
        long third = shop.approve("frontend");
        applied(4);
        assertThat(callers()).containsExactlyInAnyOrder("order-service", "frontend");
        assertThat(grant(third).state()).isEqualTo(GrantState.ACTIVE);
        assertThat(grant(second).state()).isEqualTo(GrantState.SUSPENDED);
        // Back to the revision that carried the suspended one: it stays out, and the newest goes.
        Rollback shown = look(2);
        assertThat(shown.kept()).extracting(Grant::requestNumber).containsExactly(second);
        assertThat(shown.suspends()).extracting(Grant::requestNumber).containsExactly(third);
        assertThat(rolledBack("security", 2)).isEqualTo(2);
        applied(5);
        assertThat(callers()).containsExactly("order-service");
        assertThat(resume("security", 1)).isInstanceOf(RollingBack.Resumed.class);
        applied(6);
        assertThat(callers()).containsExactlyInAnyOrder("billing-service", "order-service");
    }

    /// The policy stays and matches nothing: without it the service would be open to everyone.
    @Test
    void whereEverythingIsSuspendedThePolicyStaysAndMatchesNothing() throws Exception {
        long first = shop.approve("order-service");
        revoke(first);
        shop.approve("billing-service");
        assertThat(look(2).suspends()).hasSize(1);
        rolledBack("security", 2);
        applied(4);
        assertThat(kubernetes.policy("production", POLICY)).isPresent().get().satisfies(live -> assertThat(kubernetes.rules(live)).isEmpty());
        assertThat(yaml(4)).isEqualTo(yaml(2).replace("countersign.dev/revision: \"2\"", "countersign.dev/revision: \"4\""));
    }

    @Test
    void everyRefusalSaysWhatToDoAndDoesNothing() {
        long first = shop.approve("order-service");
        shop.approve("billing-service");
        String digest = look(1).digest();
        for (String nobody : List.of("engineer", "auditor", "admin")) {
            assertThat(rollBack(nobody, 1)).as(nobody).isInstanceOf(RollingBack.NotYours.class);
        }
        CurrentPerson me = person("security");
        CurrentPerson reader = new CurrentPerson(me.tenant(), me.tenantSlug(), me.tenantName(), me.id(), me.username(), me.displayName(), me.roles(), me.teams(),
                Optional.of(new CurrentPerson.TokenUse(UUID.randomUUID(), "reader", Set.of(Scope.READ, Scope.REQUEST))));
        assertThat(in(() -> rollbacks.rollBack(reader, key(), 1, digest, "why"))).isInstanceOf(RollingBack.NotYours.class);
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 1, digest, "  "))).isInstanceOf(RollingBack.ReasonNeeded.class);
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 1, digest, "x".repeat(4_001)))).isInstanceOf(RollingBack.ReasonNeeded.class);
        assertThat(in(() -> rollbacks.rollBack(person("owner"), new PolicyKey(shop.ref().id(), "production", "nobody"), 1, digest, "why"))).isInstanceOf(RollingBack.Unknown.class);
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 9, digest, "why"))).isInstanceOf(RollingBack.Unknown.class);
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 2, digest, "why"))).isInstanceOf(RollingBack.Nothing.class);
        assertThat(in(() -> rollbacks.look(key(), 2))).as("the one that stands").isEmpty();
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 1, "", "why"))).isInstanceOf(RollingBack.Moved.class);
        // Somebody approves between the look and the word.
        shop.approve("frontend");
        assertThat(in(() -> rollbacks.rollBack(person("owner"), key(), 1, digest, "why"))).isEqualTo(new RollingBack.Moved(
                "Since you looked, what this would do has changed: revision 3 stands now. Look again, and decide on what you see.", look(1).digest(), 3));
        assertThat(sentences("grants.suspended")).isEmpty();
        long securitys = rolledBack("security", 2);
        for (String nobody : List.of("engineer", "auditor", "admin", "owner")) {
            assertThat(resume(nobody, securitys)).as(nobody).isInstanceOf(RollingBack.NotYours.class);
        }
        assertThat(in(() -> rollbacks.resume(person("security"), securitys, "", "  "))).isInstanceOf(RollingBack.ReasonNeeded.class);
        assertThat(in(() -> rollbacks.resume(reader, securitys, "", "why"))).isInstanceOf(RollingBack.NotYours.class);
        assertThat(in(() -> rollbacks.resume(person("security"), 99, "", "why"))).isInstanceOf(RollingBack.Unknown.class);
        String shown = in(() -> rollbacks.lookAtResuming(securitys)).orElseThrow().digest();
        revoke(first);
        assertThat(in(() -> rollbacks.resume(person("security"), securitys, shown, "why"))).isInstanceOf(RollingBack.Moved.class);
        long owners = rolledBack("owner", 1);
        assertThat(resume("security", owners)).isInstanceOf(RollingBack.Resumed.class);
        assertThat(sentences("grants.resumed")).hasSize(1);
    }

    /// Two grants of one service that select other pods cannot be one policy. The cluster would go on as it is, so nothing is claimed.
    @Test
    void whatCannotBecomeAPolicyIsRefused() throws Exception {
        long first = shop.approve("order-service");
        shop.approve("billing-service");
        asOwnerOfTheTables("update access_grant set selector = '{\"app\":\"other\"}' where tenant_id = ? and request_number = " + first);
        assertThat(look(1).impossible()).isPresent();
        assertThat(rollBack("security", 1)).isInstanceOf(RollingBack.Impossible.class);
        assertThat(sentences("grants.suspended")).isEmpty();
    }

    @Test
    void twoWhoPressAtOnceMakeOneSuspension() throws Exception {
        shop.approve("order-service");
        shop.approve("billing-service");
        for (int round = 1; round <= 5; round++) {
            String digest = look(1).digest();
            List<RollingBack> outcomes = atOnce(
                    () -> in(() -> rollbacks.rollBack(person("owner"), key(), 1, digest, "one")),
                    () -> in(() -> rollbacks.rollBack(person("security"), key(), 1, digest, "two")));
            assertThat(outcomes).filteredOn(RollingBack.Suspended.class::isInstance).hasSize(1);
            assertThat(outcomes).filteredOn(RollingBack.Moved.class::isInstance).hasSize(1);
            long number = round;
            assertThat(in(() -> rollbacks.list(Optional.of(shop.ref().id()), Optional.of(true), Optional.empty(), 100))).extracting(Suspension::number).containsExactly(number);
            String open = in(() -> rollbacks.lookAtResuming(number)).orElseThrow().digest();
            List<RollingBack> lifted = atOnce(
                    () -> in(() -> rollbacks.resume(person("security"), number, open, "one")),
                    () -> in(() -> rollbacks.resume(person("security2"), number, open, "two")));
            assertThat(lifted).filteredOn(RollingBack.Resumed.class::isInstance).hasSize(1);
            assertThat(lifted).filteredOn(RollingBack.Nothing.class::isInstance).hasSize(1);
        }
    }

    /// Whoever ends a grant and whoever suspends it take their locks in one order: neither waits for the other for ever.
    @Test
    void aRevocationAndARollBackAtOnceBothEnd() throws Exception {
        shop.approve("order-service");
        for (int round = 0; round < 6; round++) {
            long request = shop.approve("billing-service");
            long grant = grant(request).number();
            String digest = look(1).digest();
            List<Object> outcomes = atOnce(
                    () -> in(() -> grants.revoke(person("security"), grant, "over")),
                    () -> in(() -> rollbacks.rollBack(person("security"), key(), 1, digest, "one")));
            assertThat(outcomes.getFirst()).isInstanceOf(Revocation.Revoked.class);
            assertThat(outcomes.getLast()).isInstanceOfAny(RollingBack.Suspended.class, RollingBack.Moved.class);
            assertThat(grant(request).state()).isEqualTo(GrantState.REVOKED);
        }
    }

    private <T> List<T> atOnce(Supplier<? extends T> one, Supplier<? extends T> other) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<T> outcomes = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            List<Future<T>> futures = new ArrayList<>();
            for (Supplier<? extends T> each : List.<Supplier<? extends T>>of(one, other)) {
                futures.add(pool.submit(() -> {
                    start.await();
                    return each.get();
                }));
            }
            start.countDown();
            for (Future<T> future : futures) {
                outcomes.add(future.get());
            }
        }
        return outcomes;
    }

    @Test
    void whatIsLiftedUnderAStopWaitsForItsRelease() throws Exception {
        shop.approve("order-service");
        long second = shop.approve("billing-service");
        long number = rolledBack("security", 1);
        applied(3);
        assertThat(in(() -> stops.stop(person("security"), "demo", Optional.of(SERVICE), "We look into a leak."))).isInstanceOf(Stopping.Stopped.class);
        assertThat(resume("security", number)).isInstanceOf(RollingBack.Resumed.class);
        assertThat(standing(second)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(DeliveryState.WAITING);
            assertThat(one.words()).startsWith("stopped by security (stop 1)");
        });
        in(() -> stops.release(person("security"), 1, "over"));
        await("both are in", () -> callers().size() == 2);
    }

    @Test
    void anotherTenantSeesNothingOfIt() throws Exception {
        shop.approve("order-service");
        shop.approve("billing-service");
        String digest = look(1).digest();
        long number = rolledBack("security", 1);
        TestTenant other = fixtures.tenant();
        CurrentPerson stranger = fixtures.current(other, "security");
        tenants.doInTenant(other.tenant().id(), () -> {
            assertThat(rollbacks.look(key(), 1)).isEmpty();
            assertThat(rollbacks.rollBack(stranger, key(), 1, digest, "why")).isInstanceOf(RollingBack.Unknown.class);
            assertThat(rollbacks.find(number)).isEmpty();
            assertThat(rollbacks.resume(stranger, number, "", "why")).isInstanceOf(RollingBack.Unknown.class);
            assertThat(rollbacks.list(Optional.empty(), Optional.empty(), Optional.empty(), 100)).isEmpty();
            assertThat(jdbc.sql("select count(*) from suspended_grant").query(Long.class).single()).isZero();
        });
        assertThat(suspension(number).holds()).isTrue();
    }

    @Test
    void everyPageSaysSoAndTheRollBackIsMadeOnItsPage() throws Exception {
        long first = shop.approve("order-service");
        long second = shop.approve("billing-service");
        long grant = grant(second).number();
        String there = PAGE + "/revisions/1/rollback";
        assertThat(page("owner", PAGE)).contains("Roll back to revision 1", "stands").doesNotContain("Roll back to revision 2");
        assertThat(page("engineer", PAGE)).doesNotContain("Roll back to revision 1");
        assertThat(page("engineer", there)).contains("Security and the team that owns payment-service").doesNotContain("name=\"reason\"");
        assertThat(page("owner", there)).contains("Roll back to revision 1?", "Suspends", "grant " + grant, "production/billing-service", "Narrower", look(1).digest());
        mvc.perform(get(PAGE + "/revisions/2/rollback").with(fixtures.as(tenant, "owner"))).andExpect(status().isNotFound());
        mvc.perform(post(there).with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", look(1).digest()).param("reason", "")).andExpect(status().isUnprocessableContent());
        mvc.perform(post(there).with(fixtures.as(tenant, "engineer")).with(csrf()).param("digest", look(1).digest()).param("reason", "x")).andExpect(status().isForbidden());
        String stale = mvc.perform(post(there).with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", "sha256:0").param("reason", "We look into <b>a leak</b>."))
                .andExpect(status().isConflict()).andReturn().getResponse().getContentAsString();
        assertThat(stale).contains("Nothing was done.", look(1).digest(), "We look into &lt;b&gt;a leak&lt;/b&gt;.");
        mvc.perform(post(there).with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", look(1).digest()).param("reason", "We look into <b>a leak</b>."))
                .andExpect(redirectedUrl("/suspensions/1"));
        String words = "We look into &lt;b&gt;a leak&lt;/b&gt;.";
        assertThat(page("engineer", "/suspensions/1")).contains(words, "grant " + grant, "from 2 back to 1").doesNotContain("Lift it");
        assertThat(page("owner", "/suspensions/1")).contains("Lift it");
        assertThat(page("engineer", "/grants/" + grant)).contains("It is suspended and lets nobody in.", words, "Suspension 1");
        assertThat(page("engineer", "/grants/" + grant(first).number())).doesNotContain("suspended");
        assertThat(page("engineer", "/requests/" + second + "/delivery")).contains("suspended", "suspended by the owning team (suspension 1", words);
        assertThat(page("engineer", "/requests/" + second + "/history")).contains("rolled production/" + POLICY);
        assertThat(page("engineer", "/grants/of/demo/production/payment-service")).contains("It lets nobody in until", "suspension 1");
        assertThat(page("engineer", "/grants?view=suspended")).contains("grants/" + grant, "suspended").doesNotContain("grants/" + grant(first).number() + "\"");
        assertThat(page("engineer", "/grants")).contains("grants/" + grant(first).number() + "\"").doesNotContain("grants/" + grant + "\"");
        assertThat(page("owner", "/delivery/of/demo/production/payment-service")).contains("Rolled back to revision 1.", words, "Lift suspension 1");
        assertThat(page("engineer", PAGE)).contains("Rolled back to revision 1.", words).doesNotContain("Lift suspension 1");
        applied(3);
        String at = Instant.now().toString().substring(0, 23);
        assertThat(page("engineer", "/services/demo/production/payment-service/callers/then?at=" + at)).contains("Kept out then:", "grant " + grant);
        assertThat(page("owner", "/suspensions/1/resumption")).contains("Lift suspension 1?", "Wider", "grant " + grant);
        String digest = in(() -> rollbacks.lookAtResuming(1)).orElseThrow().digest();
        mvc.perform(post("/suspensions/1/resumption").with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", digest).param("reason", "")).andExpect(status().isUnprocessableContent());
        mvc.perform(post("/suspensions/1/resumption").with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", "x").param("reason", "y")).andExpect(status().isConflict());
        mvc.perform(post("/suspensions/1/resumption").with(fixtures.as(tenant, "engineer")).with(csrf()).param("digest", digest).param("reason", "y")).andExpect(status().isForbidden());
        mvc.perform(post("/suspensions/1/resumption").with(fixtures.as(tenant, "owner")).with(csrf()).param("digest", digest).param("reason", "All is well.")).andExpect(redirectedUrl("/suspensions/1"));
        applied(4);
        assertThat(page("engineer", "/suspensions/1")).contains("lifted", "All is well.");
        assertThat(page("owner", "/suspensions/1/resumption")).contains("It keeps nothing out any more.");
        assertThat(page("engineer", "/grants/" + grant)).doesNotContain("It is suspended");
        assertThat(page("engineer", "/services/demo/production/payment-service/callers/then?at=" + Instant.now().toString().substring(0, 23))).doesNotContain("Kept out then:");
        assertThat(page("engineer", "/services/demo/production/payment-service/callers/then?at=" + at)).as("the past does not change").contains("Kept out then:");
    }

    private String page(String who, String address) throws Exception {
        return mvc.perform(get(address).with(fixtures.as(tenant, who))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
    }
}
