package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.clusters.ClusterObject;
import dev.countersign.delivery.Outcomes.Outcome;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What is written down when couriers come back, one by one and together. The policies are copies of a real one, held under the fence 7.
@PortalTest
class OutcomesTests {
    private static final long FENCE = 7;

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    Tenants tenants;

    @Autowired
    Outcomes outcomes;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private Shop shop;
    private long request;

    @BeforeEach
    void open() throws InterruptedException {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        request = approvals.approve(tenant, "order-service", "payment-service", "/api/v1/payments/*");
        for (int i = 0; i < 400 && !in(() -> jdbc.sql("select state from policy_object").query(String.class).single()).equals("APPLIED"); i++) {
            Thread.sleep(50);
        }
        in(() -> jdbc.sql("""
                        insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at, lease_until, fence)
                        select tenant_id, cluster_id, namespace, 'held-' || i, workload, desired_revision, desired_content, 'WAITING', now(), now() + interval '1 hour', ?
                        from policy_object, generate_series(1, 6) i""").param(FENCE).update());
        in(() -> jdbc.sql("""
                        insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                        select r.tenant_id, r.cluster_id, r.namespace, o.name, r.number, r.content, r.yaml, r.rules, r.grant_ids, r.request_numbers
                        from revision r
                        join policy_object o on o.cluster_id = r.cluster_id and o.name like 'held-%'""").update());
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private Outcome delivered(int policy, long fence, Receipt.Delivered.How how, Optional<Long> before, List<Long> requests, String lastState, String... managers) {
        ClusterObject object = new ClusterObject(Map.of("metadata", Map.of("name", "held-" + policy, "namespace", "production", "uid", "uid-" + policy, "resourceVersion", "1" + policy, "generation", 1L)));
        return new Outcome(shop.ref(), consignment(policy, fence, before, requests, lastState), new Receipt.Delivered(how, object, List.of(managers)));
    }

    private Consignment consignment(int policy, long fence, Optional<Long> before, List<Long> requests, String lastState) {
        return new Consignment(new PolicyKey(shop.ref().id(), "production", "held-" + policy), 1, "", requests, fence, Optional.empty(), before, false, 0, 0, lastState, "");
    }

    private List<String> policies() {
        return in(() -> jdbc.sql("""
                        select name || ' ' || state || ' ' || coalesce(applied_revision::text, '-') || ' ' || coalesce(uid, '-') || ' ' || coalesce(resource_version, '-') || ' '
                               || (lease_until is null) || ' ' || (due_at is null)
                        from policy_object
                        where name like 'held-%'
                        order by name""").query(String.class).list());
    }

    private List<String> attempts() {
        return in(() -> jdbc.sql("select name || ' ' || outcome || ' ' || words from delivery_attempt where name like 'held-%' order by name, outcome").query(String.class).list());
    }

    private List<String> entries() {
        return in(() -> jdbc.sql("""
                        select kind || ' ' || subject_id || ' ' || coalesce((select string_agg(m.subject_id, ',' order by m.subject_id::bigint)
                                                                             from audit_mention m
                                                                             where m.seq = e.seq and m.subject_kind = 'request'), '-')
                        from audit_entry e
                        where subject_id like '%/held-%'
                        order by seq""").query(String.class).list());
    }

    @Test
    void whatArrivedTogetherIsToldOneByOneInItsOrder() {
        List<Outcome> together = List.of(
                delivered(4, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                delivered(1, FENCE - 1, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                delivered(2, FENCE, Receipt.Delivered.How.TAKEN_BACK, Optional.of(1L), List.of(request, 900L, 901L), "DRIFTED", "mallory", "eve"),
                delivered(3, FENCE, Receipt.Delivered.How.ADOPTED, Optional.of(1L), List.of(), "DRIFTED"));
        assertThat(in(() -> outcomes.record(together))).containsExactly(Optional.of(true), Optional.of(false), Optional.of(true), Optional.of(true));
        assertThat(policies()).startsWith("held-1 WAITING - - - false false", "held-2 APPLIED 1 uid-2 12 true true", "held-3 APPLIED 1 uid-3 13 true true", "held-4 APPLIED 1 uid-4 14 true true");
        assertThat(attempts()).containsExactly("held-2 TAKEN_BACK ", "held-3 ADOPTED ", "held-4 APPLIED ");
        assertThat(entries()).containsExactly("policy.applied demo/production/held-4 " + request, "policy.taken-back demo/production/held-2 " + request + ",900,901");
        assertThat(in(() -> jdbc.sql("select sentence from audit_entry where subject_id = 'demo/production/held-2'").query(String.class).single()))
                .isEqualTo("took production/held-2 in cluster demo back from mallory, eve to revision 1");
    }

    @Test
    void whatArrivedAndWhatWasRefusedAreToldInTheirOrder() {
        Outcome refused = new Outcome(shop.ref(), consignment(2, FENCE, Optional.empty(), List.of(request), "WAITING"),
                new Receipt.Refused("REFUSED", "quota", "Ask for more.", List.of("quota-controller"), Receipt.Again.NEVER));
        List<Outcome> together = List.of(
                delivered(1, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                refused,
                delivered(3, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                delivered(5, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"));
        assertThat(in(() -> outcomes.record(together))).containsOnly(Optional.of(true)).hasSize(4);
        assertThat(entries()).containsExactly("policy.applied demo/production/held-1 " + request, "policy.refused demo/production/held-2 " + request,
                "policy.applied demo/production/held-3 " + request, "policy.applied demo/production/held-5 " + request);
        assertThat(attempts()).containsExactly("held-1 APPLIED ", "held-2 REFUSED quota", "held-3 APPLIED ", "held-5 APPLIED ");
        assertThat(policies()).contains("held-2 REFUSED - - - true true");
    }

    /// As when the answer to a commit was lost, or a courier came back twice.
    @Test
    void whatWasRecordedIsNotRecordedAgain() {
        Outcome once = delivered(1, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING");
        assertThat(in(() -> outcomes.record(List.of(once, once)))).containsExactly(Optional.of(true), Optional.of(false));
        assertThat(in(() -> outcomes.record(once))).isFalse();
        Outcome refused = new Outcome(shop.ref(), consignment(2, FENCE, Optional.empty(), List.of(), "WAITING"), new Receipt.Refused("REFUSED", "no", "", List.of(), Receipt.Again.NEVER));
        assertThat(in(() -> outcomes.record(refused))).isTrue();
        assertThat(in(() -> outcomes.record(refused))).isFalse();
        assertThat(attempts()).containsExactly("held-1 APPLIED ", "held-2 REFUSED no");
    }

    /// F12: a courier that slept through its lease can no longer record anything, whatever it saw.
    @Test
    void aStaleClaimRecordsNothing() {
        List<String> before = policies();
        Consignment stale = consignment(1, FENCE - 1, Optional.empty(), List.of(request), "WAITING");
        assertThat(in(() -> outcomes.record(delivered(1, FENCE - 1, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING")))).isFalse();
        assertThat(in(() -> outcomes.record(new Outcome(shop.ref(), stale, new Receipt.Refused("REFUSED", "too late", "", List.of(), Receipt.Again.NEVER))))).isFalse();
        assertThat(in(() -> outcomes.record(new Outcome(shop.ref(), stale, new Receipt.Postponed(false, "too late", "", Optional.of(Duration.ofSeconds(9))))))).isFalse();
        assertThat(policies()).isEqualTo(before);
        assertThat(attempts()).isEmpty();
        assertThat(entries()).isEmpty();
        assertThat(in(() -> jdbc.sql("select count(*) from cluster_breaker").query(Long.class).single())).isZero();
    }

    @Test
    void aRevisionThatIsNotTheNewestAnyMoreIsAppliedAndWaitsForTheNext() {
        in(() -> jdbc.sql("""
                        insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                        select tenant_id, cluster_id, namespace, name, 2, content, yaml, rules, grant_ids, request_numbers from revision where name = 'held-1'""").update());
        in(() -> jdbc.sql("update policy_object set desired_revision = 2 where name = 'held-1'").update());
        assertThat(in(() -> outcomes.record(List.of(delivered(1, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                delivered(2, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"))))).containsOnly(Optional.of(true));
        assertThat(policies()).contains("held-1 WAITING 1 uid-1 11 true false", "held-2 APPLIED 1 uid-2 12 true true");
    }

    /// What a namespace lacked it has again: all that it refused is tried, whoever's news it was.
    @Test
    void oneThatIsTakenAgainWakesTheOthersOfItsNamespace() {
        in(() -> jdbc.sql("update policy_object set state = 'REFUSED', due_at = now() + interval '1 hour', lease_until = null where name in ('held-5', 'held-6')").update());
        in(() -> outcomes.record(List.of(delivered(1, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "WAITING"),
                delivered(2, FENCE, Receipt.Delivered.How.APPLIED, Optional.empty(), List.of(request), "REFUSED"))));
        assertThat(in(() -> jdbc.sql("select count(*) from policy_object where name in ('held-5', 'held-6') and state = 'REFUSED' and due_at > now() + interval '1 minute'").query(Long.class).single())).isZero();
    }
}
