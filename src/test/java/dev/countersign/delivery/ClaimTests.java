package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.portal.StatementRecorder;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What is claimed of all that is due, and what it costs to find it.
@PortalTest
class ClaimTests {
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
    JdbcClient jdbc;

    private TestTenant tenant;
    private Shop shop;

    @BeforeEach
    void open() {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private void applied(long request) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (tenants.inTenant(tenant.tenant().id(), () -> board.forRequest(request)).stream().noneMatch(standing -> standing.state() == DeliveryState.APPLIED)) {
            assertThat(Instant.now()).as("waited too long for request %s", request).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void aClusterWithManyOlderPoliciesKeepsNoOtherWaiting() throws Exception {
        UUID crowded = shop.ref().id();
        applied(approvals.approve(tenant, "order-service", "payment-service", "/api/v1/payments/*"));
        try (Shop west = shops.open(tenant, "west")) {
            UUID other = west.ref().id();
            applied(approvals.approve(tenant, List.of("west"), "production", "order-service", "payment-service", "/api/v1/payments/*", new GrantPeriod.For(Duration.ofDays(90))));
            assertThat(claimed(700, Map.of(), false)).isEqualTo(Map.of(crowded, 8, other, 1));
            assertThat(claimed(700, Map.of(crowded, 7), false)).isEqualTo(Map.of(crowded, 1, other, 1));
            assertThat(claimed(700, Map.of(crowded, 8), false)).isEqualTo(Map.of(other, 1));
            assertThat(claimed(3, Map.of(), false)).isEqualTo(Map.of(crowded, 4, other, 1));
            assertThat(claimed(700, Map.of(), true)).as("nothing of the crowded one, for its breaker is open").isEqualTo(Map.of(other, 1));
            assertThat(claimed(3, Map.of(), true)).isEqualTo(Map.of(other, 1));
        }
    }

    /// How many of each cluster are claimed where so many policies of the first have been due for longer, and it is left alone or not; nothing of
    /// it is kept.
    private Map<UUID, Integer> claimed(int older, Map<UUID, Integer> inFlight, boolean leftAlone) {
        Map<UUID, Integer> claimed = new HashMap<>();
        assertThatThrownBy(() -> tenants.doInTenant(tenant.tenant().id(), () -> {
            jdbc.sql("""
                            insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at)
                            select tenant_id, cluster_id, namespace, 'older-' || i, workload, desired_revision, desired_content, 'WAITING', now() - interval '1 hour'
                            from policy_object, generate_series(1, ?) i
                            where cluster_id = ?""").params(older, shop.ref().id()).update();
            jdbc.sql("""
                            insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                            select r.tenant_id, r.cluster_id, r.namespace, o.name, r.number, r.content, r.yaml, r.rules, r.grant_ids, r.request_numbers
                            from revision r
                            join policy_object o on o.cluster_id = r.cluster_id and o.name like 'older-%'""").update();
            jdbc.sql("update policy_object set due_at = now() where name not like 'older-%'").update();
            if (leftAlone) {
                jdbc.sql("""
                                insert into cluster_breaker (tenant_id, cluster_id, failures, words, opened_at, probe_at)
                                select tenant_id, id, 1, 'overloaded', now(), now() + interval '1 hour'
                                from cluster
                                where id = ?""").param(shop.ref().id()).update();
            }
            ledger.claim(32, 8, inFlight).forEach(one -> claimed.merge(one.key().cluster(), 1, Integer::sum));
            throw new IllegalStateException("taken back");
        })).hasMessage("taken back");
        return claimed;
    }

    /// Where many are due, and the plan is one for any parameters: none of the table is read through. The choice and the claim were one
    /// statement, planned for thousands that might be chosen, and each claim read all policies of all tenants.
    @Test
    void whatIsClaimedIsFoundByItsKey(@Autowired Environment environment) throws Exception {
        applied(approvals.approve(tenant, "order-service", "payment-service", "/api/v1/payments/*"));
        List<String> said = new ArrayList<>();
        assertThatThrownBy(() -> tenants.doInTenant(tenant.tenant().id(), () -> {
            jdbc.sql("update policy_object set due_at = now(), lease_until = null").update();
            try {
                said.addAll(StatementRecorder.during(() -> ledger.claim(32, 8, Map.of())).statements());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            throw new IllegalStateException("taken back");
        })).hasMessage("taken back");
        List<String> claims = said.stream().filter(text -> text.contains("policy_object")).toList();
        assertThat(claims).as("one that chooses, one that claims, at least").hasSizeGreaterThanOrEqualTo(2);
        assertThat(claims).anyMatch(text -> text.contains("fence = o.fence + 1"));
        try (Connection superuser = DriverManager.getConnection(environment.getRequiredProperty("spring.datasource.url") + "?preferQueryMode=simple", "postgres", "");
                Statement statement = superuser.createStatement()) {
            superuser.setAutoCommit(false);
            statement.execute("set local session_replication_role = replica");
            statement.execute("""
                    insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at)
                    select o.tenant_id, o.cluster_id, o.namespace, 'copy-' || i, o.workload, o.desired_revision, o.desired_content, 'WAITING', now()
                    from (select * from policy_object limit 1) o, generate_series(1, 20000) i""");
            statement.execute("analyze policy_object");
            statement.execute("set local role " + EmbeddedDatabase.APP);
            statement.execute("select set_config('app.tenant', '" + tenant.tenant().id().value() + "', true)");
            for (String claim : claims) {
                AtomicInteger number = new AtomicInteger();
                String numbered = Pattern.compile("\\?").matcher(claim).replaceAll(mark -> "\\$" + number.incrementAndGet());
                StringBuilder plan = new StringBuilder();
                try (ResultSet lines = statement.executeQuery("explain (generic_plan) " + numbered)) {
                    while (lines.next()) {
                        plan.append(lines.getString(1)).append('\n');
                    }
                }
                assertThat(plan.toString()).as(claim).contains("policy_object").doesNotContain("Seq Scan on policy_object");
            }
            superuser.rollback();
        }
    }
}
