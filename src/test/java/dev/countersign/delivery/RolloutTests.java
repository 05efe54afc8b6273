package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.audit.Actor;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.delivery.RolloutProgress.Delivery;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Revocation;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.MadeAs;
import dev.countersign.grants.Rollout.State;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Change;
import dev.countersign.grants.RolloutPlan.Problem;
import dev.countersign.grants.RolloutPlan.Spot;
import dev.countersign.grants.RolloutPlan.Wave;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.grants.Rollouts;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// An approval for two clusters reaches them one after the other, as the plan says: a pause, conditions, a person's word between. What
/// the clusters hold is read back with the Kubernetes client.
@PortalTest
class RolloutTests {
    private static final String POLICY = "countersign-payment-service";
    private static final Held SERVICE = new Held("production", "payment-service");
    private static final Wave REST = new Wave("Everywhere", List.of(), Duration.ZERO, false);

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    Tenants tenants;

    @Autowired
    RolloutPlans plans;

    @Autowired
    Rollouts rollouts;

    @Autowired
    RolloutDesk desk;

    @Autowired
    StopDesk stops;

    @Autowired
    RollbackDesk rollbacks;

    @Autowired
    DeliveryBoard board;

    @Autowired
    GrantLedger grants;

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ApplicationContext context;

    @Autowired
    People people;

    @Value("${spring.datasource.url}")
    String url;

    private TestTenant tenant;
    private Shop demo;
    private Shop west;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        demo = shops.open(tenant);
        west = shops.open(tenant, "west");
    }

    @AfterEach
    void close() {
        demo.close();
        west.close();
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private CurrentPerson person(String username) {
        return fixtures.current(tenant, username);
    }

    private static Wave demoFirst(Duration pause, boolean byPerson) {
        return new Wave("Canary", List.of(Spot.of("demo/production")), pause, byPerson);
    }

    private void plan(Wave... waves) {
        assertThat(in(() -> plans.change(person("admin"), plans.present().version(), List.of(waves)))).isInstanceOf(Change.Changed.class);
    }

    private long approve(String caller) {
        return approve(caller, new GrantPeriod.For(Duration.ofDays(90)));
    }

    private long approve(String caller, GrantPeriod period) {
        return approvals.approve(tenant, List.of("demo", "west"), "production", caller, "payment-service", "/api/v1/payments/*", period);
    }

    private Grant grant(long request, String cluster) {
        return in(() -> grants.ofRequest(request)).stream().filter(grant -> grant.place().cluster().name().equals(cluster)).findFirst().orElseThrow();
    }

    private RolloutProgress progress(long request) {
        return in(() -> desk.look(request)).orElseThrow();
    }

    private List<State> states(long request) {
        return progress(request).rollout().waves().stream().map(Rollout.Wave::state).toList();
    }

    private List<Boolean> letIn(long request) {
        return progress(request).rollout().waves().stream().map(Rollout.Wave::letIn).toList();
    }

    /// As the job does it now and then.
    private void round() {
        ReflectionTestUtils.invokeMethod(context.getBean(RolloutJob.class), "look", tenant.tenant(), 1_000, Duration.ZERO);
    }

    private void await(String what, Supplier<Boolean> reached) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!reached.get()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    /// The accounts that the live policy lets in; empty where there is none.
    private List<String> callers(Shop shop) {
        Kubernetes kubernetes = new Kubernetes(shop.cluster());
        return kubernetes.policy("production", POLICY).map(live -> kubernetes.principals(live).stream().map(name -> name.replaceAll(".*/", "")).sorted().toList()).orElse(List.of());
    }

    private boolean closed(Shop shop) {
        return new Kubernetes(shop.cluster()).policy("production", POLICY).isPresent();
    }

    private void delivered(long request, int wave) throws InterruptedException {
        await("wave " + wave + " is delivered", () -> progress(request).steps().get(wave - 1).lines().stream().allMatch(line -> line.delivery() == Delivery.DELIVERED));
    }

    private Continuing goOn(String who, long request) {
        return in(() -> desk.goOn(person(who), request, progress(request).digest(), "The canary looks well."));
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

    private void rested(long request) throws Exception {
        asOwnerOfTheTables("update rollout_wave w set delivered_at = delivered_at - interval '2 days' from rollout r where w.tenant_id = ? and r.tenant_id = w.tenant_id"
                + " and r.request_id = w.request_id and r.request_number = " + request + " and w.delivered_at is not null");
    }

    @Test
    void withoutAPlanEverythingIsDeliveredAtOnceAndNothingIsWritten() throws Exception {
        long request = approve("order-service");
        assertThat(grant(request, "demo").state()).isEqualTo(GrantState.ACTIVE);
        assertThat(grant(request, "west").state()).isEqualTo(GrantState.ACTIVE);
        assertThat(in(() -> desk.look(request))).isEmpty();
        assertThat(in(() -> jdbc.sql("select count(*) from audit_entry where kind like 'rollout.%'").query(Long.class).single())).isZero();
        await("both clusters have it", () -> callers(demo).equals(List.of("order-service")) && callers(west).equals(List.of("order-service")));
        // And so it is with a plan that puts both into one wave, and after a plan was taken away.
        plan(new Wave("Both", List.of(Spot.of("demo"), Spot.of("west")), Duration.ofDays(1), true), REST);
        assertThat(in(() -> desk.look(approve("frontend")))).isEmpty();
        plan(demoFirst(Duration.ZERO, true), REST);
        plan();
        assertThat(in(() -> desk.look(approve("billing-service")))).isEmpty();
        assertThat(sentences("rollout.plan-changed")).containsExactly("set the rollout plan (version 1): Both, then Everywhere", "set the rollout plan (version 2): Canary, then Everywhere",
                "took the rollout plan away (version 3): what is approved from now on is delivered everywhere at once");
    }

    @Test
    void aWaveIsLetInWhenTheOneBeforeIsDeliveredAndItsPauseHasPassed() throws Exception {
        plan(demoFirst(Duration.ofHours(1), false), REST);
        long request = approve("order-service");
        assertThat(grant(request, "demo").state()).isEqualTo(GrantState.ACTIVE);
        assertThat(grant(request, "west")).satisfies(held -> {
            assertThat(held.state()).isEqualTo(GrantState.HELD);
            assertThat(held.end()).isEmpty();
        });
        assertThat(letIn(request)).containsExactly(true, false);
        assertThat(in(() -> grants.active(west.ref().id()))).isEmpty();
        assertThat(in(() -> grants.baselines(west.ref().id()))).as("what is held closes nothing").isEmpty();
        delivered(request, 1);
        round();
        assertThat(states(request)).containsExactly(State.PAUSED, State.WAITING);
        assertThat(progress(request).waitsFor()).containsExactly("Wave 1 rests until its pause is over.");
        assertThat(progress(request).rollout().waves().getFirst().restsUntil()).isPresent();
        round();
        in(() -> board.reconcile(Actor.system("test"), west.ref()));
        assertThat(closed(west)).as("never before its wave").isFalse();
        String before = Instant.now().toString().replace("Z", "");
        assertThat(then(before)).contains("Held then", "grant " + grant(request, "west").number());
        rested(request);
        // As many replicas as you like.
        try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
            Collections.nCopies(4, (Runnable) this::round).forEach(replicas::execute);
        }
        assertThat(states(request).getFirst()).isEqualTo(State.DONE);
        assertThat(letIn(request)).containsExactly(true, true);
        delivered(request, 2);
        assertThat(callers(west)).containsExactly("order-service");
        round();
        assertThat(states(request)).containsExactly(State.DONE, State.DONE);
        assertThat(progress(request).rollout().over()).isTrue();
        assertThat(then(before)).as("the past stays as it was").contains("Held then");
        assertThat(then(Instant.now().toString().replace("Z", ""))).doesNotContain("Held then").contains("order-service");
        assertThat(sentences("rollout.started")).containsExactly("began to deliver request " + request + " in 2 waves: Canary, then Everywhere");
        assertThat(sentences("rollout.wave-admitted")).containsExactly(
                "let in wave 1 of 2 of request " + request + " (Canary): grant " + grant(request, "demo").number() + " in demo",
                "let in wave 2 of 2 of request " + request + " (Everywhere): grant " + grant(request, "west").number() + " in west");
        assertThat(sentences("rollout.wave-done")).containsExactly("finished wave 1 of 2 of request " + request + " (Canary): grant " + grant(request, "demo").number() + " in demo",
                "finished wave 2 of 2 of request " + request + " (Everywhere): grant " + grant(request, "west").number() + " in west");
    }

    @Test
    void aPersonLetsTheNextWaveInAndSaysWhy() throws Exception {
        plan(demoFirst(Duration.ZERO, true), REST);
        long request = approve("order-service");
        delivered(request, 1);
        round();
        round();
        assertThat(states(request)).containsExactly(State.WAITING_FOR_PERSON, State.WAITING);
        assertThat(progress(request).waitsFor()).singleElement().asString().contains("asks a person");
        assertThat(goOn("security", request)).isEqualTo(new Continuing.Continued(2));
        assertThat(letIn(request)).containsExactly(true, true);
        delivered(request, 2);
        assertThat(progress(request).rollout().waves().get(1).continued()).hasValueSatisfying(word -> {
            assertThat(word.reason()).isEqualTo("The canary looks well.");
            assertThat(word.madeAs()).isEqualTo(MadeAs.SECURITY);
        });
        assertThat(sentences("rollout.continued")).containsExactly("continued the rollout with wave 2 of 2 of request " + request + " (Everywhere)");
        round();
        assertThat(goOn("security", request)).isInstanceOf(Continuing.Nothing.class);
    }

    @Test
    void everyRefusalToContinueSaysWhatToDoAndDoesNothing() throws Exception {
        plan(demoFirst(Duration.ZERO, true), REST);
        long request = approve("order-service");
        delivered(request, 1);
        round();
        for (String nobody : List.of("engineer", "owner", "auditor")) {
            assertThat(goOn(nobody, request)).as(nobody).isInstanceOf(Continuing.NotYours.class);
            assertThat(in(() -> desk.mayGoOn(person(nobody), request))).isFalse();
        }
        assertThat(in(() -> desk.mayGoOn(person("admin"), request))).isTrue();
        tenants.doInTenant(tenant.tenant().id(), () -> people.join(Actor.system("test"), tenant.team("orders"), tenant.person("security")));
        assertThat(goOn("security", request)).as("of a team that gains").isInstanceOfSatisfying(Continuing.NotYours.class, no -> assertThat(no.message()).contains("gains by it"));
        CurrentPerson admin = person("admin");
        CurrentPerson token = new CurrentPerson(admin.tenant(), admin.tenantSlug(), admin.tenantName(), admin.id(), admin.username(), admin.displayName(), admin.roles(), admin.teams(),
                Optional.of(new CurrentPerson.TokenUse(UUID.randomUUID(), "reader", Set.of(Scope.READ))));
        assertThat(in(() -> desk.goOn(token, request, progress(request).digest(), "Well."))).isInstanceOf(Continuing.NotYours.class);
        for (String reason : List.of("", "  ", "x".repeat(4_001))) {
            assertThat(in(() -> desk.goOn(admin, request, progress(request).digest(), reason))).isInstanceOf(Continuing.ReasonNeeded.class);
        }
        assertThat(in(() -> desk.goOn(admin, request, "sha256:" + "0".repeat(64), "Well."))).isInstanceOfSatisfying(Continuing.Moved.class,
                moved -> assertThat(moved.digest()).isEqualTo(progress(request).digest()));
        assertThat(in(() -> desk.goOn(admin, 999, "", "Well."))).isInstanceOf(Continuing.Unknown.class);
        in(() -> stops.stop(person("security"), "west", Optional.empty(), "We look into a leak."));
        assertThat(goOn("admin", request)).isInstanceOfSatisfying(Continuing.Stopped.class, no -> assertThat(no.message()).contains("Release stop 1 first"));
        assertThat(grant(request, "west").state()).isEqualTo(GrantState.HELD);
        assertThat(sentences("rollout.continued")).isEmpty();
    }

    @Test
    void aStopOfDeliveriesHaltsItAndItGoesOnWhenThatIsReleased() throws Exception {
        plan(demoFirst(Duration.ZERO, false), REST);
        in(() -> stops.stop(person("security"), "demo", Optional.of(SERVICE), "We look into a leak."));
        long request = approve("order-service");
        round();
        round();
        assertThat(states(request)).containsExactly(State.STOPPED, State.WAITING);
        assertThat(progress(request).rollout().waves().getFirst().words()).isEqualTo(
                "Deliveries of payment-service in production in cluster demo were stopped by security (stop 1): We look into a leak.");
        assertThat(sentences("rollout.halted")).containsExactly("halted the rollout at wave 1 of 2 of request " + request + " (Canary)");
        in(() -> stops.release(person("security"), 1, "There was none."));
        round();
        assertThat(sentences("rollout.resumed")).hasSize(1);
        delivered(request, 1);
        round();
        delivered(request, 2);
        assertThat(callers(west)).containsExactly("order-service");
    }

    @Test
    void aRollBackOrARevocationStopsItUntilAPersonDecides() throws Exception {
        demo.approve("billing-service");
        plan(demoFirst(Duration.ofDays(1), false), REST);
        long request = approve("order-service");
        delivered(request, 1);
        round();
        PolicyKey key = new PolicyKey(demo.ref().id(), "production", POLICY);
        assertThat(in(() -> rollbacks.rollBack(person("security"), key, 1, rollbacks.look(key, 1).orElseThrow().digest(), "We look into a leak."))).isInstanceOf(RollingBack.Suspended.class);
        rested(request);
        round();
        assertThat(states(request)).containsExactly(State.STOPPED, State.WAITING);
        assertThat(progress(request).waitsFor()).containsExactly("The policy in production of cluster demo was rolled back to revision 1 (suspension 1).");
        in(() -> rollbacks.resume(person("security"), 1, rollbacks.lookAtResuming(1).orElseThrow().digest(), "There was none."));
        delivered(request, 1);
        round();
        assertThat(states(request)).as("lifting it is not the word that lets more in").containsExactly(State.STOPPED, State.WAITING);
        assertThat(in(() -> grants.revoke(person("security"), grant(request, "demo").number(), "No longer needed"))).isInstanceOf(Revocation.Revoked.class);
        round();
        assertThat(progress(request).halts()).extracting(Rollout.Halt::key).containsExactlyInAnyOrder("suspension 1", "grant " + grant(request, "demo").number());
        assertThat(sentences("rollout.halted")).as("each reason once").hasSize(2);
        assertThat(goOn("admin", request)).isEqualTo(new Continuing.Continued(2));
        delivered(request, 2);
        round();
        assertThat(states(request)).containsExactly(State.DONE, State.DONE);
        assertThat(progress(request).rollout().waves().get(1).continued().orElseThrow().waived()).hasSize(2);
    }

    @Test
    void whatIsRevokedOrExpiresWhileHeldEndsAndIsNeverDelivered() throws Exception {
        plan(demoFirst(Duration.ofDays(1), false), REST);
        long revoked = approve("order-service");
        long expires = approve("frontend");
        assertThat(in(() -> grants.revoke(person("security"), grant(revoked, "west").number(), "Not there"))).isInstanceOf(Revocation.Revoked.class);
        assertThat(grant(revoked, "west").state()).isEqualTo(GrantState.REVOKED);
        asOwnerOfTheTables("update access_grant set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' where tenant_id = ? and cluster_name = 'west' and request_number = "
                + expires);
        assertThat(grant(expires, "west").state()).as("by the clock, before it is recorded").isEqualTo(GrantState.EXPIRED);
        ReflectionTestUtils.invokeMethod(context.getBean("expiryJob"), "everyTenant");
        assertThat(sentences("grant.expired")).hasSize(1);
        delivered(revoked, 1);
        delivered(expires, 1);
        round();
        round();
        assertThat(states(revoked)).as("nothing is left to let in").containsExactly(State.DONE, State.DONE);
        assertThat(states(expires)).containsExactly(State.DONE, State.DONE);
        in(() -> board.reconcile(Actor.system("test"), west.ref()));
        assertThat(in(() -> board.forCluster(west.ref().id()))).isEmpty();
        assertThat(closed(west)).isFalse();
    }

    /// What the cluster refuses, and another hand's change, keep the next wave waiting.
    @Test
    void somethingWrongWithWhatIsDeliveredKeepsTheNextWaveWaiting() throws Exception {
        plan(demoFirst(Duration.ofDays(1), false), REST);
        long request = approve("order-service");
        delivered(request, 1);
        round();
        asOwnerOfTheTables("update policy_object set state = 'REFUSED', words = 'a webhook denied it', due_at = null where tenant_id = ? and cluster_id = '" + demo.ref().id() + "'");
        rested(request);
        round();
        assertThat(progress(request).waitsFor()).containsExactly("The policy of payment-service in cluster demo is refused: a webhook denied it");
        assertThat(states(request)).containsExactly(State.PAUSED, State.WAITING);
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into cluster_breaker (tenant_id, cluster_id, failures, words, opened_at, probe_at) values (?, ?, 3, 'no answer', now(), now() + interval '1 hour')")
                .params(tenant.tenant().id().value(), demo.ref().id()).update());
        asOwnerOfTheTables("update policy_object set state = 'APPLIED', words = '' where tenant_id = ? and cluster_id = '" + demo.ref().id() + "'");
        round();
        assertThat(progress(request).waitsFor()).containsExactly("Cluster demo does not take deliveries at present: no answer");
        assertThat(states(request)).containsExactly(State.PAUSED, State.WAITING);
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("delete from cluster_breaker").update());
        round();
        assertThat(letIn(request)).containsExactly(true, true);
    }

    /// The first policy of a service closes it to whoever it does not name.
    @Test
    void aFirstPolicyWaitsForWhatItWouldCutAndIsHeld() throws Exception {
        plan(demoFirst(Duration.ofDays(1), false), REST);
        long first = approve("order-service");
        long alone = approvals.approve(tenant, List.of("west"), "production", "billing-service", "payment-service", "/api/v1/payments/*", new GrantPeriod.Permanent());
        assertThat(grant(alone, "west").state()).isEqualTo(GrantState.HELD);
        assertThat(progress(alone).cut()).containsExactly(first);
        round();
        assertThat(states(alone)).containsExactly(State.WAITING);
        assertThat(progress(alone).waitsFor()).containsExactly("Its first policy would cut what request " + first + " is allowed and not delivered there yet. They go in together.");
        assertThat(closed(west)).isFalse();
        delivered(first, 1);
        round();
        rested(first);
        round();
        await("both are let in together", () -> callers(west).equals(List.of("billing-service", "order-service")));
        assertThat(in(() -> board.revisions(new PolicyKey(west.ref().id(), "production", POLICY)))).extracting(DeliveryBoard.Written::number).containsExactly(2L, 1L);
        await("the attempt is recorded", () -> !in(() -> board.attempts(new PolicyKey(west.ref().id(), "production", POLICY))).isEmpty());
        assertThat(in(() -> board.attempts(new PolicyKey(west.ref().id(), "production", POLICY)))).as("the cluster never saw one without the other")
                .extracting(DeliveryBoard.Attempt::revision).containsOnly(2L);
    }

    @Test
    void everyRefusalOfAPlanSaysWhatToDo() {
        for (String nobody : List.of("engineer", "owner", "security", "auditor")) {
            assertThat(in(() -> plans.change(person(nobody), 0, List.of(REST)))).as(nobody).isInstanceOf(Change.NotYours.class);
        }
        CurrentPerson admin = person("admin");
        CurrentPerson token = new CurrentPerson(admin.tenant(), admin.tenantSlug(), admin.tenantName(), admin.id(), admin.username(), admin.displayName(), admin.roles(), admin.teams(),
                Optional.of(new CurrentPerson.TokenUse(UUID.randomUUID(), "reader", Set.of(Scope.READ, Scope.REVIEW))));
        assertThat(in(() -> plans.change(token, 0, List.of(REST)))).isInstanceOf(Change.NotYours.class);
        assertThat(problems(new Wave("", List.of(), Duration.ZERO, false))).containsExactly("0 name");
        assertThat(problems(new Wave("x".repeat(61), List.of(), Duration.ZERO, false))).containsExactly("0 name");
        assertThat(problems(demoFirst(Duration.ZERO, false), new Wave("canary ", List.of(), Duration.ZERO, false))).containsExactly("1 name");
        assertThat(problems(new Wave("Canary", List.of(), Duration.ZERO, false), REST)).containsExactly("0 places");
        assertThat(problems(demoFirst(Duration.ZERO, false))).containsExactly("0 places");
        assertThat(problems(new Wave("Canary", List.of(Spot.of("nowhere")), Duration.ZERO, false), REST)).containsExactly("0 places");
        assertThat(problems(new Wave("Canary", List.of(Spot.of("demo/No Name")), Duration.ZERO, false), REST)).containsExactly("0 places");
        assertThat(problems(new Wave("Canary", List.of(Spot.of("demo")), Duration.ZERO, false), new Wave("Next", List.of(Spot.of("demo/production")), Duration.ZERO, false), REST))
                .containsExactly("1 places");
        assertThat(problems(demoFirst(Duration.ofDays(31), false), REST)).containsExactly("0 pause");
        assertThat(problems(demoFirst(Duration.ofSeconds(-1), false), REST)).containsExactly("0 pause");
        assertThat(problems(new Wave("Canary", Collections.nCopies(51, Spot.of("demo")), Duration.ZERO, false), REST)).containsExactly("0 places");
        assertThat(problems(IntStream.range(0, 11).mapToObj(i -> new Wave("Wave " + i, List.of(), Duration.ZERO, false)).toArray(Wave[]::new))).contains("10 name");
        plan(demoFirst(Duration.ZERO, false), REST);
        assertThat(in(() -> plans.change(person("admin"), 0, List.of(REST)))).isInstanceOfSatisfying(Change.Stale.class, stale -> assertThat(stale.version()).isEqualTo(1));
        assertThat(in(plans::present)).satisfies(present -> {
            assertThat(present.version()).isEqualTo(1);
            assertThat(present.waves()).containsExactly(demoFirst(Duration.ZERO, false), REST);
            assertThat(present.author()).contains(person("admin").getName());
        });
    }

    private List<String> problems(Wave... waves) {
        return in(() -> plans.change(person("admin"), 0, List.of(waves))) instanceof Change.Refused(List<Problem> problems)
                ? problems.stream().map(problem -> problem.index() + " " + problem.field()).toList() : List.of("none");
    }

    @Test
    void thePagesRefuseAsTheDesksDo() throws Exception {
        plan(demoFirst(Duration.ZERO, true), REST);
        long request = approve("order-service");
        delivered(request, 1);
        round();
        String page = "/requests/" + request + "/rollout/continuation";
        asked("engineer", 200, get(page));
        asked("engineer", 403, post(page).param("digest", progress(request).digest()).param("reason", "x"));
        asked("security", 404, get("/requests/999/rollout/continuation"));
        asked("security", 404, post("/requests/999/rollout/continuation").param("reason", "x"));
        assertThat(asked("security", 422, post(page).param("digest", progress(request).digest()).param("reason", " "))).contains("Say in 1 to 4,000 characters");
        assertThat(asked("security", 409, post(page).param("digest", "sha256:0").param("reason", "as typed"))).contains("Nothing was done.", "as typed");
        in(() -> stops.stop(person("security"), "west", Optional.empty(), "We look into a leak."));
        assertThat(asked("security", 409, post(page).param("digest", progress(request).digest()).param("reason", "x"))).contains("Release stop 1 first", "A stop is not passed over");
        in(() -> stops.release(person("security"), 1, "There was none."));
        asked("security", 302, post(page).param("digest", progress(request).digest()).param("reason", "It looks well."));
        asked("security", 302, post(page).param("digest", "").param("reason", "again"));
        for (String nobody : List.of("engineer", "security")) {
            asked(nobody, 403, get("/admin/rollout"));
            asked(nobody, 403, post("/admin/rollout").param("base", "1"));
        }
        assertThat(asked("admin", 409, post("/admin/rollout").param("base", "0").param("name", "Everywhere", "").param("places", "", ""))).contains("Somebody else changed the plan");
        assertThat(asked("admin", 422, post("/admin/rollout").param("base", "1").param("name", "Canary", "Everywhere").param("places", "demo west", "demo").param("pause", "x", "0")
                .param("unit", "days", "hours").param("goes", "person", "itself"))).contains("A wave rests for 0 to 30 days.", "The last wave takes all the rest.", "demo west");
    }

    private String then(String at) throws Exception {
        return asked("auditor", 200, get("/services/west/production/payment-service/callers/then").param("at", at));
    }

    private String asked(String who, int status, MockHttpServletRequestBuilder request) throws Exception {
        MockHttpServletResponse answer = mvc.perform(request.with(csrf()).with(fixtures.as(tenant, who))).andReturn().getResponse();
        assertThat(answer.getStatus()).as(who + " " + answer.getContentAsString()).isEqualTo(status);
        return answer.getContentAsString();
    }

    @Test
    void aSmallerPlaceGoesBeforeALargerOne() {
        plan(new Wave("One namespace", List.of(Spot.of("west/staging")), Duration.ZERO, true), new Wave("One cluster", List.of(Spot.of("west")), Duration.ZERO, true), REST);
        long request = approve("order-service");
        assertThat(progress(request).rollout().waves()).extracting(Rollout.Wave::name).containsExactly("One cluster", "Everywhere");
        assertThat(grant(request, "west").state()).isEqualTo(GrantState.ACTIVE);
        assertThat(grant(request, "demo").state()).isEqualTo(GrantState.HELD);
        assertThat(in(() -> plans.present()).none()).isFalse();
        assertThat(RolloutPlan.NONE.none()).isTrue();
    }

    @Test
    void everyOpenRolloutHasItsTurnHoweverManyThereAre() {
        plan(demoFirst(Duration.ofDays(1), false), REST);
        List<Long> requests = List.of(approve("order-service"), approve("user-profile"), approve("order-service"));
        in(() -> rollouts.turn(1_000, Duration.ZERO));
        assertThat(in(() -> rollouts.turn(2, Duration.ZERO))).isEqualTo(requests.subList(0, 2));
        assertThat(in(() -> rollouts.turn(2, Duration.ofMinutes(1)))).as("another replica has just looked").isEmpty();
        assertThat(in(() -> rollouts.turn(2, Duration.ZERO))).isEqualTo(requests.subList(2, 3));
        assertThat(in(() -> rollouts.turn(2, Duration.ZERO))).isEqualTo(requests.subList(0, 2));
        assertThat(in(() -> rollouts.of(requests))).extracting(Rollout::request).isEqualTo(requests);
    }
}
