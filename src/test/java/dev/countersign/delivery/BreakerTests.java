package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.Ownership;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// A cluster that does not answer is left alone, probed by one delivery at a time, and served at once when it is back.
@PortalTest
class BreakerTests {
    private static final String POLICIES = "authorizationpolicies.security.istio.io";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    Approvals approvals;

    @Autowired
    DeliveryBoard board;

    @Autowired
    DeliveryLedger ledger;

    @Autowired
    Ownership ownership;

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private Shop shop;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        tenants.doInTenant(tenant.tenant().id(), () -> ownership.own(Actor.system("test"), shop.workload("production", "user-profile"), tenant.team("payments")));
    }

    @AfterEach
    void close() {
        shop.cluster().faults().clear();
        shop.close();
    }

    private long approve(String caller, String workload) {
        return approvals.approve(tenant, caller, workload, "/api/v1/orders/*");
    }

    private void await(String what, BooleanSupplier reached) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(40);
        while (!reached.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    private Optional<Breaker> breaker() {
        return tenants.inTenant(tenant.tenant().id(), () -> Optional.ofNullable(board.breakers().get(shop.ref().id())));
    }

    private DeliveryState state(long request) {
        return tenants.inTenant(tenant.tenant().id(), () -> board.forRequest(request)).getFirst().state();
    }

    private List<String> record() {
        return tenants.inTenant(tenant.tenant().id(),
                () -> jdbc.sql("select kind from audit_entry where kind in ('cluster.paused', 'cluster.resumed') order by seq").query(String.class).list());
    }

    private int probes() {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select coalesce(max(probes), 0) from cluster_breaker where cluster_id = ?")
                .params(shop.ref().id()).query(Integer.class).single());
    }

    private void probeIn(Duration time) {
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update cluster_breaker set probe_at = now() + make_interval(secs => ?) where cluster_id = ?")
                .params((double) time.toSeconds(), shop.ref().id()).update());
    }

    @Test
    void aClusterThatDoesNotAnswerIsPausedAndServedWhenItIsBack() throws Exception {
        Faults.Armed silence = shop.cluster().faults().on("get", POLICIES).answer(503, "the API server is overloaded");
        long first = approve("order-service", "payment-service");
        long second = approve("billing-service", "user-profile");
        await("the breaker opens", () -> breaker().isPresent());
        assertThat(breaker().orElseThrow().words()).contains("overloaded");
        assertThat(record()).containsExactly("cluster.paused");
        silence.close();
        await("both are applied", () -> state(first) == DeliveryState.APPLIED && state(second) == DeliveryState.APPLIED);
        assertThat(breaker()).isEmpty();
        assertThat(record()).containsExactly("cluster.paused", "cluster.resumed");
    }

    @Test
    void nothingIsAskedOfAPausedClusterUntilAPersonWantsIt() throws Exception {
        Faults.Armed silence = shop.cluster().faults().on("get", POLICIES).answer(429, Duration.ofMinutes(5));
        long first = approve("order-service", "payment-service");
        await("one wish for time is enough", () -> breaker().isPresent());
        assertThat(silence.hits()).isEqualTo(1);
        assertThat(breaker().orElseThrow().probeAt()).isAfter(Instant.now().plusSeconds(200));
        long second = approve("billing-service", "user-profile");
        Thread.sleep(1500);
        assertThat(silence.hits()).isEqualTo(1);
        assertThat(state(second)).isEqualTo(DeliveryState.WAITING);

        assertThat(page("engineer", "/clusters/demo/policies")).contains("Delivery to this cluster is paused").contains("Security and administrators can have it tried now");
        assertThat(page("security", "/delivery/of/demo")).contains("Delivery to this cluster is paused").contains("To try now");
        silence.close();
        mvc.perform(post("/clusters/demo/reconciliation").with(csrf()).with(fixtures.as(tenant, "engineer"))).andExpect(status().isForbidden());
        assertThat(breaker()).isPresent();
        mvc.perform(post("/clusters/demo/reconciliation").with(csrf()).with(fixtures.as(tenant, "security"))).andExpect(status().is3xxRedirection());
        await("both are applied", () -> state(first) == DeliveryState.APPLIED && state(second) == DeliveryState.APPLIED);
        assertThat(breaker()).isEmpty();
        assertThat(page("security", "/clusters/demo/policies")).doesNotContain("is paused");
    }

    private String page(String who, String path) throws Exception {
        return mvc.perform(get(path).with(fixtures.as(tenant, who))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
    }

    /// Eight replicas ask at once, and the couriers of this one: one probe.
    @Test
    void oneProbeAtATime() throws Exception {
        Faults.Armed silence = shop.cluster().faults().on("get", POLICIES).answer(429, Duration.ofMinutes(5));
        approve("order-service", "payment-service");
        await("the breaker opens", () -> breaker().isPresent());
        approve("billing-service", "user-profile");
        silence.close();
        try (Faults.Armed held = shop.cluster().faults().on("get", POLICIES).holdRequest()) {
            int before = probes();
            probeIn(Duration.ZERO);
            List<Future<List<Consignment>>> claims = new ArrayList<>();
            try (var replicas = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int replica = 0; replica < 8; replica++) {
                    claims.add(replicas.submit(() -> tenants.inTenant(tenant.tenant().id(), () -> ledger.claim(32, DeliveryLoop.PER_CLUSTER, Map.of()))));
                }
            }
            int claimed = 0;
            for (Future<List<Consignment>> claim : claims) {
                claimed += claim.get().size();
            }
            assertThat(claimed).isLessThanOrEqualTo(1);
            assertThat(probes()).isEqualTo(before + 1);
            assertThat(held.hits()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aRefusalIsAnAnswer() throws Exception {
        shop.cluster().faults().on("patch", POLICIES).answer(422, "admission says no");
        long first = approve("order-service", "payment-service");
        await("refused", () -> state(first) == DeliveryState.REFUSED);
        assertThat(breaker()).isEmpty();
        assertThat(record()).isEmpty();
    }

    @Test
    void pausesGrowToFourSecondsAndAreSpread() {
        assertThat(Breakers.pause(0, RandomGenerator.getDefault())).isBetween(Duration.ofMillis(1000), Duration.ofMillis(1250));
        assertThat(Breakers.pause(1, RandomGenerator.getDefault())).isBetween(Duration.ofMillis(2000), Duration.ofMillis(2500));
        assertThat(Breakers.pause(1000, RandomGenerator.getDefault())).isBetween(Duration.ofMillis(4000), Duration.ofMillis(5000));
    }
}
