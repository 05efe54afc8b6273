package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.demo.cluster.RequestLog;
import dev.countersign.grants.GrantLedger;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.test.web.servlet.MockMvc;

/// From the deciding review to the policy in the cluster, and what happens when clusters and other hands interfere.
@PortalTest
class DeliveryTests {
    private static final String POLICY = "countersign-payment-service";

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
    GrantLedger grants;

    @Autowired
    CatalogSync sync;

    @Autowired
    MockMvc mvc;

    @Autowired
    Ownership ownership;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DeliveryLoop loop;

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

    private long approve(String caller, String path) {
        return approve(caller, path, new GrantPeriod.For(Duration.ofDays(90)));
    }

    private long approve(String caller, String path, GrantPeriod period) {
        return approve("production", caller, "payment-service", path, period);
    }

    private long approve(String namespace, String caller, String workload, String path, GrantPeriod period) {
        tenants.doInTenant(tenant.tenant().id(), () -> ownership.own(Actor.system("test"), shop.workload(namespace, workload), tenant.team("payments")));
        return approvals.approve(tenant, namespace, caller, workload, path, period);
    }

    private Optional<Standing> standing(long request) {
        return tenants.inTenant(tenant.tenant().id(), () -> board.forRequest(request)).stream().findFirst();
    }

    private Standing await(long request, Predicate<Standing> reached) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        Optional<Standing> last = standing(request);
        while (!last.map(reached::test).orElse(false)) {
            assertThat(Instant.now()).as("waited too long; last was %s", last).isBefore(deadline);
            Thread.sleep(20);
            last = standing(request);
        }
        return last.orElseThrow();
    }

    private Standing applied(long request) throws InterruptedException {
        return await(request, standing -> standing.state() == DeliveryState.APPLIED);
    }

    private List<String> record() {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select kind from audit_entry where kind like 'policy.%' order by seq").query(String.class).list());
    }

    @Test
    void anApprovalIsInTheClusterSecondsLater() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = applied(request);
        assertThat(standing.appliedRevision()).contains(1L);
        Map<String, Object> live = kubernetes.policy("production", POLICY).orElseThrow();
        assertThat(kubernetes.principals(live)).containsExactly("cluster.local/ns/production/sa/order-service");
        assertThat(kubernetes.annotation(live, "countersign.dev/requests")).isEqualTo(Long.toString(request));
        assertThat(record()).containsExactly("policy.revised", "policy.applied");
    }

    @Test
    void aSecondGrantIsASecondRevisionOfTheSameObject() throws Exception {
        applied(approve("order-service", "/api/v1/payments/*"));
        Standing second = applied(approve("billing-service", "/api/v1/payments/*"));
        assertThat(second.revision()).isEqualTo(2);
        Map<String, Object> live = kubernetes.policy("production", POLICY).orElseThrow();
        assertThat(kubernetes.principals(live)).containsExactly(
                "cluster.local/ns/production/sa/billing-service", "cluster.local/ns/production/sa/order-service");
        assertThat(kubernetes.generation(live)).isEqualTo(2);
    }

    /// Deleting the policy would open the workload to everyone.
    @Test
    void theLastGrantsEndLeavesAPolicyThatMatchesNothing() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        long grant = tenants.inTenant(tenant.tenant().id(), () -> grants.ofRequest(request)).getFirst().number();
        tenants.doInTenant(tenant.tenant().id(), () -> grants.revoke(fixtures.current(tenant, "security"), grant, "No longer needed by anyone"));
        Instant deadline = Instant.now().plusSeconds(20);
        Map<String, Object> live = kubernetes.policy("production", POLICY).orElseThrow();
        while (!kubernetes.rules(live).isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(20);
            live = kubernetes.policy("production", POLICY).orElseThrow();
        }
        assertThat(kubernetes.selector(live)).isEqualTo(Map.of("app", "payment-service"));
    }

    @Test
    void nothingIsWrittenTwice() throws Exception {
        applied(approve("order-service", "/api/v1/payments/*"));
        long writes = writes();
        tenants.inTenant(tenant.tenant().id(), () -> board.reconcile(Actor.system("test"), shop.ref()));
        Thread.sleep(1500);
        assertThat(writes()).isEqualTo(writes);
    }

    /// K8: every change is a revision, but the cluster is asked at the policy's pace, and holds the last one in the end.
    @Test
    void aBurstOfApprovalsIsFewWrites() throws Exception {
        applied(approve("order-service", "/api/v1/first/*"));
        long before = writes();
        long last = 0;
        for (int i = 0; i < 8; i++) {
            last = approve("order-service", "/api/v1/burst-" + i + "/*");
        }
        Standing standing = await(last, found -> found.state() == DeliveryState.APPLIED && found.appliedRevision().equals(Optional.of(9L)));
        assertThat(standing.desiredRevision()).isEqualTo(9);
        assertThat(writes() - before).isBetween(1L, 4L);
        assertThat(kubernetes.rules(kubernetes.policy("production", POLICY).orElseThrow())).hasSize(9);
    }

    private long writes() {
        return shop.cluster().requests().writes().stream().filter(entry -> entry.stored()).count();
    }

    /// F6: the write happened and its answer was lost. It is found as it should be, and not written again.
    @Test
    void aWriteWhoseAnswerWasLostIsAdopted() throws Exception {
        shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").times(2).loseReply();
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        assertThat(kubernetes.generation(kubernetes.policy("production", POLICY).orElseThrow())).isEqualTo(1);
    }

    /// F33: told to wait, it waits.
    @Test
    void aClusterThatAsksForTimeGetsIt() throws Exception {
        shop.cluster().faults().on("get", "authorizationpolicies.security.istio.io").times(1).answer(429, Duration.ofSeconds(2));
        Instant start = Instant.now();
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        assertThat(Duration.between(start, Instant.now())).isGreaterThan(Duration.ofMillis(1900));
    }

    /// F35: what the cluster refuses is not "Applied", and the page has the cluster's own words.
    @Test
    void aRefusalIsShownInTheClustersWords() throws Exception {
        shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(422, "admission says no to payment-service");
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("admission says no to payment-service");
        assertThat(standing.advice()).isNotBlank();
        assertThat(record()).contains("policy.refused").doesNotContain("policy.applied");
    }

    /// Approved, and yet nothing to deliver: the request says why.
    @Test
    void aRequestWhosePolicyCannotBeWrittenSaysSo() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        // What plans anew takes a refusal away that no longer is one.
        applied(request);
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> board.refusalsOfRequest(request))).isEmpty();
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into compile_refusal (tenant_id, cluster_id, workload, message) values (?, ?, ?, ?)")
                .params(tenant.tenant().id().value(), shop.ref().id(), "production/payment-service", "Its rules are too long.").update());
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> board.refusalsOfRequest(request))).containsExactly("demo: Its rules are too long.");
        String slot = mvc.perform(get("/requests/" + request + "/delivery").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse().getContentAsString();
        assertThat(slot).contains("It cannot become a policy.", "demo: Its rules are too long.");
    }

    private void awaitHits(Faults.Armed fault, int hits) throws InterruptedException {
        for (int i = 0; i < 600 && fault.hits() < hits; i++) {
            Thread.sleep(20);
        }
        assertThat(fault.hits()).isGreaterThanOrEqualTo(hits);
    }

    private long entries(String kind) {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select count(*) from audit_entry where kind = ?").param(kind).query(Long.class).single());
    }

    /// F32: conflicts for a while are no reason to stop, and none to force.
    @Test
    void conflictsEndByThemselves() throws Exception {
        Faults.Armed conflicts = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(409, "the object has been modified");
        long request = approve("order-service", "/api/v1/payments/*");
        awaitHits(conflicts, 4);
        assertThat(standing(request).orElseThrow().appliedRevision()).isEmpty();
        conflicts.close();
        applied(request);
        assertThat(kubernetes.generation(kubernetes.policy("production", POLICY).orElseThrow())).isEqualTo(1);
        assertThat(record()).doesNotContain("policy.taken-back").containsOnlyOnce("policy.applied");
        assertThat(shop.cluster().requests().writes()).noneMatch(write -> write.toString().contains("force=true"));
    }

    /// F34: a right that was taken away. Told once, tried now and then, delivered when the right is back.
    @Test
    void aMissingRightIsToldOnceAndDeliveredWhenItIsBack() throws Exception {
        Faults.Armed forbidden = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io")
                .answer(403, "authorizationpolicies.security.istio.io is forbidden: User \"portal\" cannot patch resource \"authorizationpolicies\"");
        long request = approve("order-service", "/api/v1/payments/*");
        awaitHits(forbidden, 4);
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("cannot patch");
        assertThat(standing.advice()).contains("Grant the portal's account the missing right", "tried again");
        assertThat(entries("policy.refused")).isEqualTo(1);
        assertThat(entries("cluster.paused")).as("other namespaces of the cluster are served").isZero();
        forbidden.close();
        applied(request);
        assertThat(entries("policy.applied")).isEqualTo(1);
    }

    /// F34: credentials that the cluster no longer accepts stop the whole cluster, and new ones set it going.
    @Test
    void refusedCredentialsStopTheClusterUntilTheyAreRenewed() throws Exception {
        Faults.Armed unauthorized = shop.cluster().faults().on("*", "*").answer(401, "Unauthorized");
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.advice()).contains("renews the cluster's credentials", "nothing is delivered to this cluster");
        long second = approve("production", "order-service", "user-profile", "/profiles/*", new GrantPeriod.For(Duration.ofDays(90)));
        assertThat(entries("cluster.paused")).isEqualTo(1);
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> board.breakers())).containsKey(shop.ref().id());
        assertThat(standing(second).orElseThrow().state()).isEqualTo(DeliveryState.WAITING);
        unauthorized.close();
        CurrentTenant.run(tenant.tenant().id(), () -> assertThat(shop.registry().rotateCredentials(Actor.system("test"), shop.ref().id(),
                shop.cluster().kubeconfig("portal"))).isInstanceOf(Registration.Registered.class));
        applied(request);
        applied(second);
        assertThat(entries("policy.refused")).isEqualTo(1);
        assertThat(entries("cluster.resumed")).isEqualTo(1);
    }

    /// F39: a namespace that vanishes takes its policies along; when it returns they are there again, without anybody asking.
    @Test
    void aNamespaceThatReturnsGetsItsPoliciesBack() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        kubernetes.deleteNamespace("production");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("production");
        assertThat(standing.advice()).contains("Create the namespace", "tried again");
        kubernetes.createNamespace("production");
        applied(request);
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).containsExactly("cluster.local/ns/production/sa/order-service");
        assertThat(entries("policy.refused")).isEqualTo(1);
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select sentence from audit_entry where kind = 'policy.applied' order by seq").query(String.class).list()))
                .hasSize(2).last().asString().startsWith("put production/" + POLICY + " right again");
    }

    /// What stood in the way is gone: no minute is waited for.
    @Test
    void whenAForeignObjectLeavesOursTakesItsPlace() throws Exception {
        shop.seed("kubectl", kubernetes.foreignPolicy("production", POLICY));
        long request = approve("order-service", "/api/v1/payments/*");
        await(request, found -> found.state() == DeliveryState.REFUSED);
        kubernetes.delete("production", POLICY);
        applied(request);
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).containsExactly("cluster.local/ns/production/sa/order-service");
    }

    /// F35: what a webhook changed on the way is not what was approved, and is called so; when it no longer does, all is well.
    @Test
    void whatAWebhookChangesIsNotApplied() throws Exception {
        Faults.Armed mutating = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").mutate(object -> {
            Map<String, Object> changed = new java.util.LinkedHashMap<>(object);
            changed.put("spec", Map.of("rules", List.of(Map.of())));
            return changed;
        });
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("holds another", "rules:");
        assertThat(record()).contains("policy.refused").doesNotContain("policy.applied");
        mutating.close();
        tenants.inTenant(tenant.tenant().id(), () -> board.reconcile(Actor.system("test"), shop.ref()));
        applied(request);
    }

    /// A place is kept for each delivery before it is claimed, and others follow as soon as places are free.
    @Test
    void noMoreThanEightAreUnderWayToOneCluster() throws Exception {
        List<String> production = List.of("order-service", "billing-service", "payment-service", "user-profile", "frontend");
        List<String> staging = List.of("order-service", "billing-service", "payment-service", "user-profile");
        Faults.Armed held = shop.cluster().faults().on("get", "authorizationpolicies.security.istio.io").holdRequest();
        List<Long> requests = new java.util.ArrayList<>();
        production.forEach(workload -> requests.add(approve("production", "legacy-batch", workload, "/some/*", new GrantPeriod.For(Duration.ofDays(90)))));
        staging.forEach(workload -> requests.add(approve("staging", "frontend", workload, "/some/*", new GrantPeriod.For(Duration.ofDays(90)))));
        assertThat(requests).hasSizeGreaterThan(DeliveryLoop.PER_CLUSTER);
        awaitHits(held, DeliveryLoop.PER_CLUSTER);
        Thread.sleep(1_500);
        assertThat(held.hits()).isEqualTo(DeliveryLoop.PER_CLUSTER);
        held.close();
        for (long request : requests) {
            applied(request);
        }
    }

    @Test
    void anObjectThatIsNotOursIsNeverTouched() throws Exception {
        shop.seed("kubectl", kubernetes.foreignPolicy("production", POLICY));
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("the portal did not make");
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).containsExactly("cluster.local/ns/foreign/sa/foreign");
    }

    /// Labels that say "countersign" do not make an object ours.
    @Test
    void anObjectWithOurLabelsByAnotherHandIsNeverTouched() throws Exception {
        shop.seed("kubectl", kubernetes.foreignPolicy("production", POLICY, Map.of(
                "app.kubernetes.io/managed-by", "countersign", "countersign.dev/tenant", tenant.tenant().slug())));
        long request = approve("order-service", "/api/v1/payments/*");
        Standing standing = await(request, found -> found.state() == DeliveryState.REFUSED);
        assertThat(standing.words()).contains("the portal did not make");
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).containsExactly("cluster.local/ns/foreign/sa/foreign");
    }

    @Test
    void aForeignEditIsNamedAndPutRight() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        shop.cluster().requests().clear();
        kubernetes.openToEveryone("production", POLICY, "mallory");
        Instant deadline = Instant.now().plusSeconds(20);
        while (!record().contains("policy.taken-back")) {
            assertThat(Instant.now()).as("%s", record()).isBefore(deadline);
            Thread.sleep(20);
        }
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).containsExactly("cluster.local/ns/production/sa/order-service");
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select sentence from audit_entry where kind in ('policy.drifted', 'policy.taken-back')").query(String.class).list()))
                .hasSize(2)
                .allSatisfy(sentence -> assertThat(sentence).contains("mallory"));
        assertThat(shop.cluster().requests().writes()).extracting(RequestLog.Entry::fieldManager).as("what is known to have drifted is put right by one write")
                .containsExactly("mallory", "countersign");
        applied(request);
    }

    @Test
    void aDeletedPolicyComesBack() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        kubernetes.delete("production", POLICY);
        Instant deadline = Instant.now().plusSeconds(20);
        while (kubernetes.policy("production", POLICY).isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(20);
        }
        applied(request);
        assertThat(record()).contains("policy.drifted");
    }

    /// A newer revision is refused, and nobody is waiting for the cluster: the confirmed one, which protects the service, is watched all the
    /// same. What the portal's own tries do is no drift.
    @Test
    void whatAnotherHandDoesWhileANewerRevisionIsRefusedIsTold() throws Exception {
        applied(approve("order-service", "/api/v1/payments/*"));
        Faults.Armed refusing = shop.cluster().faults().on("patch", "authorizationpolicies.security.istio.io").answer(422, "admission says no to payment-service");
        long second = approve("billing-service", "/api/v1/payments/*");
        await(second, found -> found.state() == DeliveryState.REFUSED);
        assertThat(entries("policy.drifted")).isZero();
        kubernetes.delete("production", POLICY);
        Instant deadline = Instant.now().plusSeconds(20);
        while (entries("policy.drifted") == 0) {
            assertThat(Instant.now()).as("%s", standing(second)).isBefore(deadline);
            Thread.sleep(20);
        }
        assertThat(sentences("policy.drifted")).singleElement().asString().contains("deleted");
        refusing.close();
        applied(second);
        assertThat(entries("policy.drifted")).isEqualTo(1);
        assertThat(kubernetes.principals(kubernetes.policy("production", POLICY).orElseThrow())).hasSize(2);
    }

    private List<String> sentences(String kind) {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select sentence from audit_entry where kind = ? order by seq").param(kind).query(String.class).list());
    }

    /// Deleted between the reading back and the record of it: the event says nothing, for a delivery is under way, and there is no other.
    @Test
    void whatNoEventToldIsFoundByDoubt(@Autowired Doubts doubts) throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        UUID cluster = shop.ref().id();
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update policy_object set state = 'APPLYING', lease_until = now() + interval '1 minute', fence = fence + 1").update());
        kubernetes.delete("production", POLICY);
        Instant deadline = Instant.now().plusSeconds(20);
        while (tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select count(*) from catalog_policy where name = ?").param(POLICY).query(Long.class).single()) > 0) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(20);
        }
        // The event follows what it tells of, on a thread of its own, and finds the delivery under way.
        Thread.sleep(500);
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update policy_object set state = 'APPLIED', lease_until = null, fence = fence + 1").update());
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> doubts.raise(cluster))).as("the watch has its time first").isZero();
        // In one transaction: the loop that raises doubts by itself now and then is not first.
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> {
            jdbc.sql("update policy_object set applied_at = now() - interval '1 minute'").update();
            return doubts.raise(cluster);
        })).isOne();
        while (kubernetes.policy("production", POLICY).isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(20);
        }
        applied(request);
        assertThat(record()).doesNotContain("policy.drifted");
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("update policy_object set applied_at = now() - interval '1 minute'").update());
        assertThat(CurrentTenant.call(tenant.tenant().id(), () -> sync.syncNow(cluster))).isEmpty();
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> doubts.raise(cluster))).as("the catalog shows it").isZero();
    }

    /// F12, F38: a replica that sleeps over the answer of who a cluster is believes it no longer for that.
    @Test
    void whoAClusterIsIsBelievedFromTheQuestionOn(@Autowired ClusterRegistry registry) {
        ClusterRegistry.Way way = tenants.inTenant(tenant.tenant().id(), () -> registry.ways(List.of(shop.ref().id()))).get(shop.ref().id());
        Identities identities = new Identities(registry);
        AtomicLong clock = new AtomicLong();
        LongSupplier sleepy = () -> clock.getAndAdd(Identities.BELIEVED.toNanos());
        long before = questions();
        assertThat(identities.refuse(way, sleepy)).isEmpty();
        assertThat(questions() - before).isOne();
        assertThat(identities.refuse(way, clock::get)).as("as long after the question as it is believed").isEmpty();
        assertThat(questions() - before).isEqualTo(2);
        assertThat(identities.refuse(way, () -> clock.get() + 1)).isEmpty();
        assertThat(questions() - before).as("believed").isEqualTo(2);
    }

    /// How often the cluster was asked who it is.
    private long questions() {
        return shop.cluster().requests().entries().stream().filter(entry -> entry.verb().equals("get") && entry.name().equals("kube-system")).count();
    }

    /// F40: a controller that keeps fighting is not fought for ever; a person is asked.
    @Test
    void afterFiveRoundsAPersonIsAsked() throws Exception {
        long request = approve("order-service", "/api/v1/payments/*");
        applied(request);
        Instant deadline = Instant.now().plusSeconds(60);
        while (!record().contains("policy.contested")) {
            assertThat(Instant.now()).as("%s", record()).isBefore(deadline);
            if (standing(request).orElseThrow().state() == DeliveryState.APPLIED) {
                kubernetes.openToEveryone("production", POLICY, "mallory");
            }
            Thread.sleep(50);
        }
        Standing standing = standing(request).orElseThrow();
        assertThat(standing.state()).isEqualTo(DeliveryState.DRIFTED);
        assertThat(standing.words()).contains("mallory");
        assertThat(record().stream().filter("policy.taken-back"::equals).count()).isBetween(4L, 5L);
    }

    @Test
    @SuppressWarnings("unchecked")
    void whoeverWasHeldUpGoesOnWhenAnotherTenantsCourierLeaves() {
        TestTenant other = fixtures.tenant();
        Set<TenantId> heldUp = (Set<TenantId>) Objects.requireNonNull(ReflectionTestUtils.getField(loop, "heldUp"));
        heldUp.add(other.tenant().id());
        ReflectionTestUtils.invokeMethod(loop, "leave", tenant.tenant(), UUID.randomUUID());
        assertThat(heldUp).doesNotContain(other.tenant().id());
    }
}
