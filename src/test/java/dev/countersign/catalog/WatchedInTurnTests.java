package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.policy.model.Tree;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;

/// One cluster and several replicas that could watch it: `sync` is the portal's, `other` that of a second one over the same database.
@PortalTest
class WatchedInTurnTests {
    private static final Actor ADMIN = Actor.system("test");

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    MeshCatalog catalog;

    @Autowired
    CatalogSync sync;

    @Autowired
    ClusterRegistry registry;

    @Autowired
    Tenants tenants;

    @Autowired
    CatalogStore store;

    @Autowired
    ApplicationEventPublisher events;

    private ShopFixture.Shop shop;
    private CatalogSync other;
    private TenantId tenant;
    private UUID cluster;

    @BeforeEach
    void open() {
        shop = shops.open(fixtures.tenant());
        tenant = shop.tenant().tenant().id();
        cluster = shop.ref().id();
        other = new CatalogSync(tenants, registry, store, events, true);
        other.start();
    }

    @AfterEach
    void close() {
        other.stop();
        shop.close();
    }

    @Test
    void whoListsTakesTheWatchOver() {
        assertThat(as(() -> sync.syncNow(cluster))).isEmpty();
        assertThat(as(() -> other.syncNow(cluster))).isEmpty();
        shop.seed("kubectl", policy("production", "after-the-change"));
        eventually(() -> names().contains("after-the-change"));
        assertThat(as(() -> sync.syncNow(cluster))).isEmpty();
        shop.seed("kubectl", policy("production", "after-the-return"));
        eventually(() -> names().contains("after-the-return"));
    }

    @Test
    void aReplicaThatSleptOverItsWordWritesNothing() {
        shop.seed("kubectl", policy("production", "by-hand"));
        assertThat(as(() -> sync.syncNow(cluster))).isEmpty();
        assertThat(names()).contains("by-hand");
        assertThat(as(() -> other.syncNow(cluster))).isEmpty();

        // What it listed before it slept: nothing was there yet.
        ClusterWatch.Batch empty = new ClusterWatch.Batch(
                List.of(), Optional.of(new ClusterWatch.Batch.Listed("AuthorizationPolicy", Set.of("production"))), new CompletableFuture<>());
        assertThatThrownBy(() -> sync.write(tenant, cluster, empty)).isInstanceOf(WordLost.class);
        ClusterWatch.Batch gone = new ClusterWatch.Batch(
                List.of(new Observation.Gone(new Observation.Key("AuthorizationPolicy", "production", "by-hand"))), Optional.empty(), new CompletableFuture<>());
        assertThatThrownBy(() -> sync.write(tenant, cluster, gone)).isInstanceOf(WordLost.class);
        assertThat(names()).contains("by-hand");

        other.write(tenant, cluster, gone);
        assertThat(names()).doesNotContain("by-hand");
    }

    /// Otherwise what it writes last would be older than the list of the one who took over.
    @Test
    void theWordIsNotTakenWhileItsHolderWrites() throws Exception {
        assertThat(as(() -> sync.syncNow(cluster))).isEmpty();
        String writing = "the-one-that-writes";
        tenants.doInTenant(tenant, () -> store.take(cluster, writing, Duration.ofSeconds(20)));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<Void> writes = CompletableFuture.runAsync(() -> tenants.doInTenant(tenant, () -> {
            assertThat(store.has(cluster, writing)).isTrue();
            reading.countDown();
            await(done);
        }));
        await(reading);
        // It may say its word again while it writes, and nobody else may, be it over or not.
        assertThat(hold(writing, Duration.ofSeconds(-1))).isTrue();
        assertThat(hold("another", Duration.ofSeconds(20))).isFalse();
        CompletableFuture<Void> takes = CompletableFuture.runAsync(
                () -> tenants.doInTenant(tenant, () -> store.take(cluster, "another", Duration.ofSeconds(20))));
        assertThatThrownBy(() -> takes.get(300, TimeUnit.MILLISECONDS)).as("it waits").isInstanceOf(TimeoutException.class);
        assertThat(tenants.inTenant(tenant, () -> store.has(cluster, writing))).as("still its own").isTrue();
        done.countDown();
        writes.get(10, TimeUnit.SECONDS);
        takes.get(10, TimeUnit.SECONDS);
        assertThat(tenants.inTenant(tenant, () -> store.has(cluster, "another"))).isTrue();
        assertThat(tenants.inTenant(tenant, () -> store.has(cluster, writing))).isFalse();
    }

    /// The change is told to the replica by which it was made only.
    @Test
    void namespacesThatWereChangedByWayOfAnotherReplicaAreWatched() {
        as(() -> registry.changeNamespaces(ADMIN, cluster, List.of("production")));
        assertThat(as(() -> other.syncNow(cluster))).isEmpty();
        as(() -> registry.changeNamespaces(ADMIN, cluster, List.of("production", "staging")));
        other.round();
        shop.seed("kubectl", policy("staging", "in-the-new-one"));
        eventually(() -> as(() -> catalog.policies(cluster, "staging")).stream().anyMatch(policy -> policy.name().equals("in-the-new-one")));
    }

    private boolean hold(String holder, Duration length) {
        return tenants.inTenant(tenant, () -> store.hold(cluster, holder, length));
    }

    private <T> T as(Supplier<T> work) {
        return CurrentTenant.call(tenant, work::get);
    }

    private List<String> names() {
        return as(() -> catalog.policies(cluster, "production")).stream().map(LivePolicy::name).toList();
    }

    private static Map<String, Object> policy(String namespace, String name) {
        return Tree.map("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                "metadata", Tree.map("namespace", namespace, "name", name),
                "spec", Tree.map("selector", Tree.map("matchLabels", Tree.map("app", "payment-service")), "action", "ALLOW"));
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 10 s").isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopping) {
            throw new IllegalStateException(stopping);
        }
    }
}
