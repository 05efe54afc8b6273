package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.Tree;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class CatalogSyncTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    MeshCatalog catalog;

    @Autowired
    CatalogSync sync;

    @Autowired
    CatalogStore store;

    @Autowired
    ClusterRegistry registry;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    org.springframework.context.ConfigurableApplicationContext context;

    private ShopFixture.Shop shop;

    @BeforeEach
    void open() {
        shop = shops.open(fixtures.tenant());
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private <T> T as(Supplier<T> work) {
        return CurrentTenant.call(shop.tenant().tenant().id(), work::get);
    }

    private CatalogWorkload workload(String namespace, String name) {
        return as(() -> catalog.workload(shop.workload(namespace, name))).orElseThrow();
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 10 s").isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    private static Map<String, Object> policy(String namespace, String name) {
        return Tree.map("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                "metadata", Tree.map("namespace", namespace, "name", name),
                "spec", Tree.map("selector", Tree.map("matchLabels", Tree.map("app", "payment-service")), "action", "ALLOW"));
    }

    /// It waited for half a minute: a watch that ended answered nobody.
    @Test
    void whoWaitsForAListOfAWatchThatEndsIsTold() throws Exception {
        var view = as(() -> registry.find(shop.ref().id())).orElseThrow();
        ClusterWatch watch = new ClusterWatch(view, new ClusterWatch.Surroundings() {
            @Override
            public dev.countersign.clusters.ClusterConnection connection() {
                throw new IllegalStateException("the registration ended");
            }

            @Override
            public Optional<dev.countersign.clusters.ClusterTrouble> checkIdentity(dev.countersign.clusters.ClusterConnection connection) {
                return Optional.empty();
            }

            @Override
            public void write(ClusterWatch.Batch batch) {}

            @Override
            public void report(Optional<dev.countersign.clusters.ClusterTrouble> trouble) {}

            @Override
            public void start(String name, Runnable work) {
                Thread.ofVirtual().start(() -> {
                    try {
                        work.run();
                    } catch (IllegalStateException ended) {
                        // as it should
                    }
                });
            }
        });
        watch.start();
        var answer = watch.relist();
        eventually(answer::isDone);
        assertThat(answer.isCompletedExceptionally()).isTrue();
        watch.close();
        assertThat(watch.relist().isCompletedExceptionally()).isTrue();
    }

    /// Of few workloads the database picks the Services, of many this side does: nobody sees which.
    @Test
    void aServiceSelectsByAllOfItsLabelsInItsNamespaceOnly() {
        labels("payment-service", "{\"app\": \"payment-service\", \"tier\": \"back\", \"say\": \"odd: ü %\"}");
        for (int i = 0; i < WorkloadRows.FEW; i++) {
            labels("other-" + i, "{\"app\": \"other-" + i + "\", \"tier\": \"back\"}");
        }
        service("production", "b-by-two-labels", "{\"tier\": \"back\", \"app\": \"payment-service\"}");
        service("production", "a-by-one-label", "{\"tier\": \"back\"}");
        service("production", "c-by-odd-text", "{\"say\": \"odd: ü %\"}");
        service("production", "by-no-label", "{}");
        service("production", "by-another-value", "{\"tier\": \"front\", \"app\": \"payment-service\"}");
        service("production", "by-a-label-that-is-missing", "{\"app\": \"payment-service\", \"zone\": \"a\"}");
        service("staging", "in-another-namespace", "{\"app\": \"payment-service\"}");
        List<String> expected = List.of("a-by-one-label", "b-by-two-labels", "c-by-odd-text", "payment-service");
        CatalogWorkload alone = workload("production", "payment-service");
        assertThat(alone.services()).isEqualTo(expected);
        List<CatalogWorkload> all = as(() -> catalog.workloads(shop.ref().id(), "production"));
        assertThat(all.stream().map(CatalogWorkload::podLabels).distinct().count()).isGreaterThan(WorkloadRows.FEW);
        assertThat(all).contains(alone);
        assertThat(all).allSatisfy(one -> assertThat(workload("production", one.name())).isEqualTo(one));
        assertThat(workload("production", "other-3").services()).containsExactly("a-by-one-label");
        assertThat(as(() -> catalog.residents(shop.ref().id(), List.of("production"), 100)))
                .isEqualTo(all.stream().map(one -> new Resident(one.key(), one.serviceAccount())).toList());
    }

    @Test
    void whoAsksToCallIsToldInOneLook() {
        List<CatalogWorkload> all = as(() -> catalog.workloads(shop.ref().id(), "production"));
        List<CallingWorkload> calling = all.stream().map(one -> new CallingWorkload(one.key(), one.serviceAccount(), one.membership(), one.owner())).toList();
        assertThat(as(() -> catalog.callers(shop.ref().id(), List.of("no-such-namespace", "production")))).isEqualTo(calling);
        assertThat(as(() -> catalog.callers(shop.ref().id(), "production", "frontend"))).get().asList()
                .isEqualTo(calling.stream().filter(one -> one.serviceAccount().equals("frontend")).toList()).hasSize(1);
        assertThat(as(() -> catalog.callers(shop.ref().id(), "production", "no-such-account"))).as("no such account").isEmpty();
        tenants.doInTenant(shop.tenant().tenant().id(), () -> jdbc.sql("""
                        insert into catalog_object (tenant_id, cluster_id, kind, namespace, name, uid, version, facts)
                        select tenant_id, cluster_id, kind, namespace, 'idle', 'idle', '1', '{}'
                        from catalog_object
                        where (kind, namespace, name) = ('ServiceAccount', 'production', 'frontend')""").update());
        assertThat(as(() -> catalog.callers(shop.ref().id(), "production", "idle"))).as("nothing runs as it").contains(List.of());
        tenants.doInTenant(shop.tenant().tenant().id(), () -> jdbc.sql("""
                        delete from catalog_object
                        where (kind, namespace, name) = ('ServiceAccount', 'production', 'frontend')""").update());
        assertThat(as(() -> catalog.callers(shop.ref().id(), "production", "frontend"))).as("a workload names it, and it is gone").isEmpty();
        assertThat(as(() -> catalog.residents(shop.ref().id(), List.of("production", "no-such-namespace"), 2)))
                .isEqualTo(all.stream().limit(2).map(one -> new Resident(one.key(), one.serviceAccount())).toList());
        assertThat(CurrentTenant.call(fixtures.tenant().tenant().id(), () -> catalog.callers(shop.ref().id(), List.of("production")))).as("of another tenant").isEmpty();
    }

    @Test
    void theMeshesOfClustersAreToldInOneLook() {
        ClusterMesh told = as(() -> catalog.meshes(List.of("no-such-cluster", shop.ref().name()))).getFirst();
        assertThat(as(() -> catalog.meshes(List.of("no-such-cluster")))).isEmpty();
        assertThat(told).isEqualTo(new ClusterMesh(shop.ref(), as(() -> catalog.mesh(shop.ref().id())), tenants.inTenant(shop.tenant().tenant().id(), () -> jdbc.sql("select istio_version from cluster").query((row, number) -> Optional.ofNullable(row.getString(1))).single()),

                as(() -> catalog.namespaces(shop.ref().id()))));
        assertThat(CurrentTenant.call(fixtures.tenant().tenant().id(), () -> catalog.meshes(List.of(shop.ref().name())))).as("of another tenant").isEmpty();
    }

    private void labels(String name, String json) {
        tenants.doInTenant(shop.tenant().tenant().id(), () -> jdbc.sql("""
                        insert into catalog_workload (tenant_id, cluster_id, namespace, name, kind, uid, version, selector_labels, pod_labels, service_account, ports)
                        values (?, ?, 'production', ?, 'Deployment', 'u', '1', '{}', ?::jsonb, 'default', '[]')
                        on conflict on constraint catalog_workload_pk do update
                        set pod_labels = excluded.pod_labels""")
                .params(shop.tenant().tenant().id().value(), shop.ref().id(), name, json)
                .update());
    }

    private void service(String namespace, String name, String selector) {
        tenants.doInTenant(shop.tenant().tenant().id(), () -> jdbc.sql("""
                        insert into catalog_object (tenant_id, cluster_id, kind, namespace, name, uid, version, facts)
                        values (?, ?, 'Service', ?, ?, 'u', '1', jsonb_build_object('selector', ?::jsonb, 'ports', '[]'::jsonb))""")
                .params(shop.tenant().tenant().id().value(), shop.ref().id(), namespace, name, selector)
                .update());
    }

    private void see(Observation.Put... seen) {
        tenants.doInTenant(shop.tenant().tenant().id(), () -> store.write(shop.ref().id(), List.of(seen)));
    }

    private Membership pods(String name) {
        return workload("production", name).membership();
    }

    private static Observation.Put deployment(String name, Map<String, String> selector) {
        Observation.Key key = new Observation.Key("Deployment", "production", name);
        return new Observation.Put(key, Map.of("kind", "Deployment", "namespace", "production", "name", name, "uid", "u-" + name, "version", "1",
                "selector_labels", selector, "pod_labels", selector, "service_account", "default", "ports", List.of()));
    }

    private static Observation.Put pod(String namespace, String name, Membership membership, Map<String, String> labels) {
        return pod(namespace, name, membership.name(), labels);
    }

    private static Observation.Put pod(String namespace, String name, String membership, Map<String, String> labels) {
        Observation.Key key = new Observation.Key("Pod", namespace, name);
        return new Observation.Put(key, Map.of("kind", "Pod", "namespace", namespace, "name", name, "uid", "u-" + name, "version", membership + labels,
                "facts", Map.of("labels", labels, "membership", membership)));
    }

    @Test
    void aWorkloadIsOfTheMeshAsThePodsAreThatItsWholeSelectorSelects() {
        see(deployment("web", Map.of("app", "web", "tier", "front")), deployment("nothing", Map.of()),
                pod("production", "other-tier", Membership.NONE, Map.of("app", "web", "tier", "back")),
                pod("production", "no-tier", Membership.NONE, Map.of("app", "web")),
                pod("staging", "elsewhere", Membership.NONE, Map.of("app", "web", "tier", "front")));
        assertThat(pods("web")).isEqualTo(Membership.UNKNOWN);
        assertThat(pods("nothing")).isEqualTo(Membership.UNKNOWN);
        see(pod("production", "web-0", "OF A LATER VERSION", Map.of("app", "web", "tier", "front")));
        assertThat(pods("web")).isEqualTo(Membership.UNKNOWN);

        see(pod("production", "web-1", Membership.AMBIENT, Map.of("app", "web", "tier", "front", "hash", "1")));
        assertThat(pods("web")).isEqualTo(Membership.AMBIENT);
        see(pod("production", "web-2", Membership.SIDECAR, Map.of("app", "web", "tier", "front", "hash", "2")));
        assertThat(pods("web")).isEqualTo(Membership.SIDECAR);
        see(pod("production", "web-3", Membership.NONE, Map.of("app", "web", "tier", "front", "hash", "2")));
        assertThat(pods("web")).as("one pod enforces nothing").isEqualTo(Membership.NONE);

        see(pod("production", "web-3", Membership.NONE, Map.of("app", "web", "tier", "back")));
        assertThat(pods("web")).isEqualTo(Membership.SIDECAR);
        tenants.doInTenant(shop.tenant().tenant().id(), () -> store.write(shop.ref().id(), List.of(
                new Observation.Gone(new Observation.Key("Pod", "production", "web-2")), new Observation.Gone(new Observation.Key("Pod", "production", "web-1")))));
        assertThat(pods("web")).isEqualTo(Membership.UNKNOWN);
        assertThat(pods("payment-service")).as("nobody else's").isEqualTo(Membership.SIDECAR);
        assertThat(pods("nothing")).isEqualTo(Membership.UNKNOWN);
    }

    /// What a text says is kept, by the text.
    @Test
    void aPolicyThatChangedIsReadAnew() {
        Supplier<LivePolicy> look = () -> as(() -> catalog.policy(shop.ref().id(), "production", "user-profile-frontend")).orElseThrow();
        LivePolicy before = look.get();
        assertThat(look.get().tree()).isSameAs(before.tree());
        tenants.doInTenant(shop.tenant().tenant().id(), () -> jdbc.sql("""
                        update catalog_policy set tree = replace(tree::text, 'ALLOW', 'DENY')::json
                        where tenant_id = ? and name = 'user-profile-frontend'""")
                .param(shop.tenant().tenant().id().value())
                .update());
        assertThat(before.policy().orElseThrow().action()).isEqualTo(Action.ALLOW);
        assertThat(look.get().policy().orElseThrow().action()).as("of the same uid and version").isEqualTo(Action.DENY);
        assertThat(look.get().resourceVersion()).isEqualTo(before.resourceVersion());
    }

    @Test
    void theShopIsInTheCatalog() {
        CatalogWorkload payments = workload("production", "payment-service");
        assertThat(payments.kind()).isEqualTo("Deployment");
        assertThat(payments.selectorLabels()).isEqualTo(Map.of("app", "payment-service"));
        assertThat(payments.podLabels()).isEqualTo(Map.of("app", "payment-service"));
        assertThat(payments.serviceAccount()).isEqualTo("payment-service");
        assertThat(payments.membership()).isEqualTo(Membership.SIDECAR);
        assertThat(payments.services()).containsExactly("payment-service");
        assertThat(payments.ports()).extracting(CatalogWorkload.Port::number, CatalogWorkload.Port::protocol)
                .contains(org.assertj.core.groups.Tuple.tuple(8080, "http"));
        assertThat(payments.owner()).map(team -> team.slug()).contains("payments");
        assertThat(workload("production", "order-service").owner()).map(team -> team.slug()).contains("orders");
        assertThat(workload("staging", "order-service").owner()).isEmpty();
        assertThat(workload("production", "legacy-batch").membership()).isEqualTo(Membership.NONE);
        assertThat(as(() -> catalog.namespaces(shop.ref().id()))).containsExactly("production", "staging");
        assertThat(as(() -> catalog.serviceAccountExists(shop.ref().id(), "production", "frontend"))).isTrue();
        assertThat(as(() -> catalog.serviceAccountExists(shop.ref().id(), "production", "nobody"))).isFalse();
        assertThat(as(() -> catalog.runningAs(shop.ref().id(), "production", "frontend"))).extracting(CatalogWorkload::name).containsExactly("frontend");
    }

    @Test
    void livePoliciesComeWithTheirManagers() {
        List<LivePolicy> policies = as(() -> catalog.policies(shop.ref().id(), "production"));
        assertThat(policies).singleElement().satisfies(policy -> {
            assertThat(policy.name()).isEqualTo("user-profile-frontend");
            assertThat(policy.managers()).containsExactly("kubectl");
            assertThat(policy.policy()).isPresent();
            assertThat(policy.uid()).isNotEmpty();
            assertThat(policy.tree().toString()).doesNotContain("managedFields");
        });
        assertThat(as(() -> catalog.policy(shop.ref().id(), "production", "user-profile-frontend"))).contains(policies.getFirst());
        assertThat(as(() -> catalog.policy(shop.ref().id(), "production", "user-profile"))).isEmpty();
        assertThat(as(() -> catalog.policy(shop.ref().id(), "staging", "user-profile-frontend"))).isEmpty();
        assertThat(as(() -> catalog.peerAuthentications(shop.ref().id(), "production"))).singleElement()
                .satisfies(peers -> assertThat(peers.metadata().namespace()).isEqualTo("istio-system"));
    }

    @Test
    void anotherTenantFindsNothing() {
        var other = fixtures.tenant().tenant().id();
        CurrentTenant.run(other, () -> {
            assertThat(catalog.clusters()).isEmpty();
            assertThat(catalog.workload(shop.workload("production", "payment-service"))).isEmpty();
            assertThat(catalog.search("payment", Optional.empty(), Optional.empty(), 10)).isEmpty();
            assertThat(catalog.policies(shop.ref().id())).isEmpty();
            assertThat(catalog.policy(shop.ref().id(), "production", "user-profile-frontend")).isEmpty();
            assertThat(catalog.namespaces(shop.ref().id())).isEmpty();
        });
    }

    @Test
    void searchForgivesTypingErrorsAndFindsByTeamAndNamespace() {
        assertThat(found("paymnet")).first().isEqualTo("production/payment-service");
        assertThat(found("ordr staging")).first().isEqualTo("staging/order-service");
        assertThat(found("production/payment-service")).first().isEqualTo("production/payment-service");
        assertThat(found("Payments")).contains("production/payment-service");
        assertThat(found("orders bill")).containsExactly("production/billing-service");
        assertThat(found("zzzzz")).isEmpty();
        assertThat(found("100% _ \\ ' \0")).isEmpty();
        assertThat(found("")).hasSize(11).startsWith("production/billing-service", "staging/billing-service");
        assertThat(as(() -> catalog.search("", Optional.of("demo"), Optional.of("staging"), 3))).hasSize(3);
    }

    private List<String> found(String text) {
        return as(() -> catalog.search(text, Optional.empty(), Optional.empty(), 20)).stream()
                .map(workload -> workload.namespace() + "/" + workload.name())
                .toList();
    }

    @Test
    void aPolicyMadeChangedAndDeletedByAnotherHandIsToldAtOnce() throws Exception {
        BlockingQueue<LivePolicyChanged> told = new LinkedBlockingQueue<>();
        context.addApplicationListener((org.springframework.context.PayloadApplicationEvent<LivePolicyChanged> event) -> {
            if (event.getPayload().cluster().equals(shop.ref().id())) {
                told.add(event.getPayload());
            }
        });
        long before = System.nanoTime();
        shop.seed("kubectl", policy("production", "by-hand"));
        LivePolicyChanged made = told.poll(5, TimeUnit.SECONDS);
        Duration latency = Duration.ofNanos(System.nanoTime() - before);
        assertThat(made).isEqualTo(new LivePolicyChanged(shop.tenant().tenant().id(), shop.ref().id(), "AuthorizationPolicy", "production", "by-hand", false));
        assertThat(latency).as("latency").isLessThan(Duration.ofSeconds(2));
        System.out.println("policy change told after " + latency.toMillis() + " ms");
        assertThat(as(() -> catalog.policies(shop.ref().id(), "production"))).extracting(LivePolicy::name).contains("by-hand");
    }

    @Test
    void aWatchThatExpiresOrIsCutMissesNothing() {
        shop.cluster().faults().on("watch", "authorizationpolicies").times(2).dropWatch(1);
        shop.cluster().faults().on("watch", "deployments").times(1).expireWatch();
        shop.seed("kubectl", policy("production", "one"));
        shop.seed("kubectl", policy("production", "two"));
        shop.cluster().compact();
        shop.seed("kubectl", policy("production", "three"));
        eventually(() -> names().containsAll(List.of("one", "two", "three")));
    }

    @Test
    void aNewListForgetsWhatIsGone() throws Exception {
        shop.seed("kubectl", policy("production", "by-hand"));
        eventually(() -> names().contains("by-hand"));
        try (var admin = java.net.http.HttpClient.newBuilder().sslContext(trusting(shop.cluster().caPem().orElseThrow())).build()) {
            var deleted = admin.send(java.net.http.HttpRequest.newBuilder(shop.cluster().url()
                            .resolve("/apis/security.istio.io/v1/namespaces/production/authorizationpolicies/by-hand"))
                    .header("Authorization", "Bearer " + shop.cluster().token("admin")).DELETE().build(), java.net.http.HttpResponse.BodyHandlers.ofString());
            assertThat(deleted.statusCode()).isEqualTo(200);
        }
        assertThat(CurrentTenant.call(shop.tenant().tenant().id(), () -> sync.syncNow(shop.ref().id()))).isEmpty();
        assertThat(names()).doesNotContain("by-hand");
    }

    @Test
    void aClusterThatIsGoneIsShownAsGoneAndTheCatalogStays() {
        shop.cluster().close();
        assertThat(CurrentTenant.call(shop.tenant().tenant().id(), () -> sync.syncNow(shop.ref().id()))).isPresent();
        eventually(() -> as(() -> registry.find(shop.ref().id())).orElseThrow().state().failingSince().isPresent());
        assertThat(as(() -> registry.find(shop.ref().id())).orElseThrow().state().lastError()).isPresent();
        assertThat(workload("production", "payment-service").name()).isEqualTo("payment-service");
    }

    @Test
    void aRetiredClusterIsForgotten() {
        as(() -> registry.retire(dev.countersign.audit.Actor.system("test"), shop.ref().id(), "over"));
        assertThat(as(() -> catalog.clusters())).isEmpty();
        assertThat(as(() -> catalog.search("", Optional.empty(), Optional.empty(), 10))).isEmpty();
        assertThat(as(() -> catalog.policies(shop.ref().id()))).isEmpty();
    }

    private List<String> names() {
        return as(() -> catalog.policies(shop.ref().id(), "production")).stream().map(LivePolicy::name).toList();
    }

    private static javax.net.ssl.SSLContext trusting(String pem) throws Exception {
        var store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(pem.getBytes())));
        var factory = javax.net.ssl.TrustManagerFactory.getInstance(javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        var context = javax.net.ssl.SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
