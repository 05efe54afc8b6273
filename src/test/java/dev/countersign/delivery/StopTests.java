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
import dev.countersign.demo.cluster.Faults;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.Revocation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// A stop holds what opens, and lets through what closes, until somebody who may releases it.
@PortalTest
class StopTests {
    private static final String POLICY = "countersign-payment-service";
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
    GrantLedger grants;

    @Autowired
    MockMvc mvc;

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
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private Stopping stop(String who, Optional<Held> what) {
        return in(() -> stops.stop(fixtures.current(tenant, who), "demo", what, "We look into a leak."));
    }

    private long stopped(String who, Optional<Held> what) {
        return ((Stopping.Stopped) stop(who, what)).number();
    }

    private Stopping release(String who, long number) {
        return in(() -> stops.release(fixtures.current(tenant, who), number, "There was no leak."));
    }

    private void revoke(long request) {
        assertThat(in(() -> grants.revoke(fixtures.current(tenant, "security"), grants.ofRequest(request).getFirst().number(), "No longer needed by anyone")))
                .isInstanceOf(Revocation.Revoked.class);
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

    private void applied(long request) throws InterruptedException {
        await("request " + request + " is applied", () -> in(() -> board.forRequest(request)).stream().anyMatch(one -> one.state() == DeliveryState.APPLIED));
    }

    /// The accounts that the live policy lets in; empty where there is none.
    private List<String> callers() {
        return kubernetes.policy("production", POLICY).map(live -> kubernetes.principals(live).stream().map(name -> name.replaceAll(".*/", "")).toList()).orElse(List.of());
    }

    private boolean settled() {
        return in(() -> jdbc.sql("select count(*) from policy_object where due_at is not null or lease_until is not null").query(Long.class).single()) == 0;
    }

    /// Couriers have come by, and come by again when asked to.
    private void reconcile() throws InterruptedException {
        in(() -> board.reconcile(Actor.system("test"), shop.ref()));
        await("couriers are done", this::settled);
    }

    private List<String> sentences(String kind) {
        return in(() -> jdbc.sql("select sentence from audit_entry where kind = ? order by seq").param(kind).query(String.class).list());
    }

    @Test
    void whatIsApprovedMeanwhileWaitsAndIsDeliveredAtTheRelease() throws Exception {
        applied(shop.approve("order-service"));
        long stop = stopped("owner", Optional.of(SERVICE));
        long second = shop.approve("billing-service");
        reconcile();
        assertThat(callers()).containsExactly("order-service");
        assertThat(standing(second)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(DeliveryState.WAITING);
            assertThat(one.words()).isEqualTo("stopped by the owning team (stop 1): We look into a leak.");
            assertThat(one.advice()).contains("the owning team or security releases stop " + stop);
            assertThat(one.revision()).isZero();
        });
        assertThat(release("owner", stop)).isInstanceOf(Stopping.Released.class);
        applied(second);
        assertThat(callers()).containsExactlyInAnyOrder("billing-service", "order-service");
        assertThat(sentences("delivery.stopped")).containsExactly("stopped deliveries of payment-service in production in cluster demo (stop " + stop + ")");
        assertThat(sentences("delivery.released")).containsExactly("released stop " + stop + ": deliveries of payment-service in production in cluster demo go on");
    }

    /// An opening that waits keeps no door open behind it.
    @Test
    void aRevocationGoesThroughWhileAnApprovalWaits() throws Exception {
        long first = shop.approve("order-service");
        applied(first);
        long stop = stopped("security", Optional.empty());
        long second = shop.approve("billing-service");
        revoke(first);
        await("the revoked caller is out", () -> callers().isEmpty());
        await("couriers are done", this::settled);
        assertThat(callers()).isEmpty();
        assertThat(standing(second).words()).startsWith("stopped by security (stop ");
        release("security", stop);
        applied(second);
        assertThat(callers()).containsExactly("billing-service");
    }

    /// The first policy of a service closes as well as it opens: it waits whole. When nothing is granted any more, it only closes.
    @Test
    void theFirstPolicyWaitsWholeAndClosesWhenItsGrantHasEnded() throws Exception {
        stopped("security", Optional.of(SERVICE));
        long request = shop.approve("order-service");
        await("it is held", () -> sentences("policy.held").size() == 1);
        reconcile();
        reconcile();
        assertThat(kubernetes.policy("production", POLICY)).isEmpty();
        assertThat(standing(request)).satisfies(one -> {
            assertThat(one.state()).isEqualTo(DeliveryState.WAITING);
            assertThat(one.words()).contains("We look into a leak.");
        });
        assertThat(sentences("policy.held")).as("told once").hasSize(1);
        // These words stay after a person was erased: they name a right.
        assertThat(sentences("policy.held")).noneMatch(words -> words.contains("security@"));
        assertThat(in(() -> jdbc.sql("select words from delivery_attempt where outcome = 'HELD' union all select words from policy_object").query(String.class).list()))
                .isNotEmpty().allMatch(words -> words.contains("stopped by security (stop ") && !words.contains("security@"));
        revoke(request);
        await("the service is closed", () -> kubernetes.policy("production", POLICY).isPresent());
        assertThat(callers()).isEmpty();
    }

    /// A revision that was on its way when somebody stopped is called back, and never arrives.
    @Test
    void whatIsOnItsWayIsCalledBack() throws Exception {
        applied(shop.approve("order-service"));
        Faults.Armed unavailable = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(503, "not now");
        long second = shop.approve("billing-service");
        await("it was tried", () -> unavailable.hits() > 0);
        stopped("security", Optional.empty());
        unavailable.close();
        reconcile();
        assertThat(callers()).containsExactly("order-service");
        assertThat(standing(second).state()).isEqualTo(DeliveryState.WAITING);
    }

    /// A courier that set off under the stop comes back after the release, and says that it was held: nobody waits for a release that was.
    @Test
    void whatACourierHoldsWhenItIsReleasedIsJudgedAnew(@Autowired DeliveryLedger ledger, @Autowired Outcomes outcomes) throws Exception {
        long stop = stopped("security", Optional.empty());
        long request = shop.approve("order-service");
        await("it is held", () -> sentences("policy.held").size() == 1);
        await("couriers are done", this::settled);
        long fence = in(() -> jdbc.sql("update policy_object set state = 'APPLYING', due_at = now(), lease_until = now() + interval '1 minute', fence = fence + 1 returning fence")
                .query(Long.class).single());
        release("security", stop);
        Consignment held = new Consignment(new PolicyKey(shop.ref().id(), "production", POLICY), 1, "", List.of(), fence, Optional.empty(), Optional.empty(), false, 0, 0, "WAITING", "");
        assertThat(in(() -> outcomes.record(new Outcomes.Outcome(shop.ref(), held, new Receipt.Held("stopped", "Wait."))))).isFalse();
        applied(request);
        assertThat(callers()).containsExactly("order-service");
    }

    /// Another hand opened more: that is closed. Another hand closed it: that stays until the release.
    @Test
    void driftIsPutRightWhereThatOnlyCloses() throws Exception {
        long request = shop.approve("order-service");
        applied(request);
        long stop = stopped("security", Optional.empty());
        kubernetes.openToEveryone("production", POLICY, "mallory");
        await("it is seen", () -> !sentences("policy.drifted").isEmpty());
        await("it is closed again", () -> callers().equals(List.of("order-service")));
        applied(request);
        kubernetes.closeToEveryone("production", POLICY);
        await("it is seen", () -> sentences("policy.drifted").size() == 2);
        await("it is held", () -> sentences("policy.held").size() == 1);
        reconcile();
        assertThat(callers()).isEmpty();
        assertThat(in(() -> board.forCluster(shop.ref().id())).getFirst()).satisfies(one -> {
            assertThat(one.state()).isEqualTo(DeliveryState.DRIFTED);
            assertThat(one.words()).startsWith("stopped by security (stop ");
        });
        release("security", stop);
        await("it is as approved again", () -> callers().equals(List.of("order-service")));
    }

    @Test
    void onlyWhoAnswersForItStopsItAndAnOwnerDoesNotUndoSecuritysWord() {
        for (String nobody : List.of("engineer", "auditor", "admin")) {
            assertThat(stop(nobody, Optional.of(SERVICE))).as(nobody).isInstanceOf(Stopping.NotYours.class);
        }
        for (String nobody : List.of("engineer", "auditor", "owner")) {
            assertThat(stop(nobody, Optional.empty())).as(nobody).isInstanceOf(Stopping.NotYours.class);
        }
        assertThat(in(() -> stops.stop(fixtures.current(tenant, "owner"), "demo", Optional.of(SERVICE), "  "))).isInstanceOf(Stopping.ReasonNeeded.class);
        assertThat(stop("security", Optional.of(new Held("production", "nobody")))).isInstanceOf(Stopping.Unknown.class);
        long owners = stopped("owner", Optional.of(SERVICE));
        assertThat(stop("security", Optional.of(SERVICE))).isEqualTo(stop("owner", Optional.of(SERVICE))).isInstanceOf(Stopping.Already.class);
        assertThat(release("engineer", owners)).isInstanceOf(Stopping.NotYours.class);
        assertThat(release("security", owners)).isInstanceOf(Stopping.Released.class);
        assertThat(release("security", owners)).isInstanceOf(Stopping.Already.class);
        long securitys = stopped("security", Optional.of(SERVICE));
        assertThat(release("owner", securitys)).isInstanceOf(Stopping.NotYours.class);
        long administrators = stopped("admin", Optional.empty());
        assertThat(release("owner", administrators)).isInstanceOf(Stopping.NotYours.class);
        assertThat(release("admin", administrators)).isInstanceOf(Stopping.Released.class);
    }

    @Test
    void everyPageThatWaitsSaysWhoStoppedItAndWhy() throws Exception {
        applied(shop.approve("order-service"));
        String service = "/services/demo/production/payment-service";
        mvc.perform(post(service + "/stop").with(fixtures.as(tenant, "owner")).with(csrf()).param("reason", "")).andExpect(status().isUnprocessableContent());
        mvc.perform(post(service + "/stop").with(fixtures.as(tenant, "engineer")).with(csrf()).param("reason", "x")).andExpect(status().isForbidden());
        mvc.perform(post(service + "/stop").with(fixtures.as(tenant, "owner")).with(csrf()).param("reason", "We look into <b>a leak</b>."))
                .andExpect(status().is3xxRedirection()).andExpect(redirectedUrl(service));
        long request = shop.approve("billing-service");
        long grant = in(() -> grants.ofRequest(request)).getFirst().number();
        String words = "We look into &lt;b&gt;a leak&lt;/b&gt;.";
        assertThat(page("owner", "/delivery/of/demo/production/payment-service")).contains("are stopped", words, "request " + request, "Release stop 1", "Stop deliveries");
        assertThat(page("engineer", "/delivery/of/demo/production/payment-service")).contains(words).doesNotContain("Release stop 1", "Stop deliveries");
        assertThat(page("security", "/clusters/demo/policies")).contains(words, "Deliveries of payment-service in production are stopped", "request " + request);
        assertThat(page("engineer", "/requests/" + request + "/delivery")).contains("waits to be applied", "stopped by the owning team (stop ", words, "none yet");
        assertThat(page("engineer", "/grants/" + grant + "/delivery")).contains("stopped by the owning team (stop ", words);
        assertThat(page("owner", "/stops/1/release")).contains("Release stop 1?", words);
        mvc.perform(post("/stops/1/release").with(fixtures.as(tenant, "owner")).with(csrf()).param("reason", "All is well.")).andExpect(redirectedUrl(service));
        applied(request);
        assertThat(page("engineer", "/grants/" + grant + "/delivery")).contains("applied").doesNotContain(words);
    }

    private String page(String who, String address) throws Exception {
        return mvc.perform(get(address).with(fixtures.as(tenant, who))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
    }
}
