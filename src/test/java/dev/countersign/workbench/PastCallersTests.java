package dev.countersign.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.AuditReader;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.delivery.PastCallers;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// The time machine, at the boundaries: entries as the planner and the couriers write them, asked for to the microsecond.
@PortalTest
class PastCallersTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    PastCallers past;

    @Autowired
    CallersOf callers;

    @Autowired
    AuditLog audit;

    @Autowired
    AuditReader reader;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    MockMvc mvc;

    private TestTenant tenant;
    private ShopCatalog.Shop shop;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        shop = catalog.open(tenant);
    }

    private Instant happened(String kind, Map<String, Object> more) {
        TenantId id = tenant.tenant().id();
        Map<String, Object> content = new java.util.TreeMap<>(Map.of("clusterId", shop.demo().id(), "cluster", "demo", "namespace", "production", "name", "pay"));
        content.putAll(more);
        long seq = tenants.inTenant(id, () -> audit.append(
                new AuditEvent(kind, Actor.system("delivery"), new Subject("policy", "demo/production/pay"), "did it", content)));
        return tenants.inTenant(id, () -> reader.entry(seq)).orElseThrow().at();
    }

    private Instant revised(long revision, String method, long... requests) {
        String yaml = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: pay, namespace: production}\n"
                + "spec: {selector: {matchLabels: {app: payment-service}}, rules: [{from: [{source: {principals: [cluster.local/ns/production/sa/order-service]}}], to: [{operation: {methods: ["
                + method + "], paths: [/pay]}}]}]}\n";
        return happened("policy.revised", Map.of("revision", revision, "yaml", yaml, "requests", java.util.Arrays.stream(requests).boxed().toList()));
    }

    private PastCallers.Then at(Instant moment) {
        return tenants.inTenant(tenant.tenant().id(), () -> {
            CatalogWorkload service = catalog.workload(new WorkloadKey(shop.demo().id(), "production", "payment-service")).orElseThrow();
            return past.at(service, service.asPoliciesSeeIt(), callers.known(service, catalog.mesh(shop.demo().id())), moment);
        });
    }

    private static Optional<Long> revision(PastCallers.Then then) {
        return then.policies().stream().map(PastCallers.InForce::revision).findFirst();
    }

    @Test
    void aRevisionCountsFromTheMomentItsApplyWasConfirmed() {
        Instant written = revised(1, "GET");
        Instant first = happened("policy.applied", Map.of("revision", 1));
        Instant writtenAgain = revised(2, "POST");
        Instant second = happened("policy.applied", Map.of("revision", 2));

        assertThat(at(written).policies()).isEmpty();
        assertThat(at(written).open()).as("no policy stood yet").isNotEmpty();
        assertThat(at(first.minus(1, ChronoUnit.MICROS)).policies()).isEmpty();
        assertThat(revision(at(first))).contains(1L);
        assertThat(at(first).policies().getFirst().ways()).anyMatch(way -> way.contains("GET /pay"));
        assertThat(revision(at(writtenAgain))).contains(1L);
        assertThat(revision(at(second.minus(1, ChronoUnit.MICROS)))).contains(1L);
        assertThat(revision(at(second))).contains(2L);
        assertThat(at(second).policies().getFirst().ways()).anyMatch(way -> way.contains("POST /pay")).noneMatch(way -> way.contains("GET /pay"));
        assertThat(at(second).policies().getFirst().since()).isEqualTo(second);
    }

    @Test
    void driftIsNotKnownUntilItIsPutRight() {
        revised(1, "GET");
        Instant applied = happened("policy.applied", Map.of("revision", 1));
        Instant drifted = happened("policy.drifted", Map.of("what", "spec"));
        Instant right = happened("policy.taken-back", Map.of("revision", 1));
        assertThat(at(applied).uncertain()).noneMatch(words -> words.contains("another hand"));
        assertThat(at(drifted).uncertain()).anyMatch(words -> words.contains("another hand") && words.contains("revision 1"));
        assertThat(at(right).uncertain()).noneMatch(words -> words.contains("another hand"));
    }

    /// F44: one that is no JSON, one whose parts are of other kinds. Neither hides what the others say, and both are told.
    @Test
    void anEntryThatCannotBeReadIsToldAndHidesNothing() throws Exception {
        revised(1, "GET");
        happened("policy.applied", Map.of("revision", 1));
        happened("policy.applied", Map.of("revision", Map.of("no", "number")));
        long broken = tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select append_audit_entry('policy.applied', 'SYSTEM', 'delivery', 'delivery', 'policy', 'demo/production/pay', 'did it', 'no {json', '{}', '{}')")
                .query(Long.class).single());
        PastCallers.Then then = at(happened("policy.checked", Map.of()));
        assertThat(revision(then)).contains(1L);
        assertThat(then.uncertain()).filteredOn(words -> words.contains("cannot be read")).hasSize(2).allMatch(words -> words.contains("(policy.applied of demo/production/pay)"));
        mvc.perform(get("/services/demo/production/payment-service").with(fixtures.as(tenant, "engineer"))).andExpect(status().isOk());
        for (String page : List.of("/audit", "/audit/" + broken, "/audit/export.csv", "/audit/export.ndjson", "/audit/export.record")) {
            mvc.perform(get(page).with(fixtures.as(tenant, "auditor"))).andExpect(status().isOk());
        }
    }

    @Test
    void onlyWhatWasSaidByThenIsToldAsApproval() {
        TenantId id = tenant.tenant().id();
        revised(1, "GET", 42);
        tenants.doInTenant(id, () -> audit.append(new AuditEvent("request.approved", Actor.system("owner@x"), new Subject("request", "42"), "approved request 42", Map.of())));
        Instant applied = happened("policy.applied", Map.of("revision", 1));
        tenants.doInTenant(id, () -> audit.append(new AuditEvent("request.reviewed", Actor.system("late@x"), new Subject("request", "42"), "said more", Map.of())));
        assertThat(at(applied).policies().getFirst().words()).extracting(PastCallers.Word::sentence).isEqualTo(List.of("approved request 42"));
    }

    @Test
    void thePageAnswersForAMomentAndSaysWhatItCannotRead() throws Exception {
        revised(1, "GET");
        Instant applied = happened("policy.applied", Map.of("revision", 1));
        String path = "/services/demo/production/payment-service/callers/then";
        assertThat(page(path)).contains("type=\"datetime-local\"").doesNotContain("order-service may");
        assertThat(page(path + "?at=" + applied)).contains("production/pay").contains("No approval is recorded");
        assertThat(page(path + "?at=2026-11-23T14:30:00.25%2B01:00")).as("as the browser's field shows it again").contains("value=\"2026-11-23T13:30:00.250\"");
        assertThat(page(path + "?at=-1000000-01-01T00:00:00Z")).contains("before any record").contains("value=\"\"");
        assertThat(page(path + "?at=yesterday")).contains("A moment reads like");
        assertThat(page(path + "?at=2999-01-01T00:00")).contains("has not come yet");
    }

    private String page(String path) throws Exception {
        return mvc.perform(get(java.net.URI.create(path)).with(fixtures.as(tenant, "engineer"))).andReturn().getResponse().getContentAsString();
    }
}
