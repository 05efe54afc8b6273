package dev.countersign.portal;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.ClusterUser;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.tenancy.CurrentTenant;
import java.util.List;
import java.util.Map;
import org.springframework.boot.test.context.TestComponent;

/// The demo shop in an embedded cluster of its own, registered as `demo` and listed, for a tenant of `Fixtures`:
/// `payment-service` is owned by team payments, everything else of production by team orders.
@TestComponent
public class ShopFixture {
    private final ClusterRegistry registry;
    private final CatalogSync sync;
    private final Ownership ownership;
    private final Approvals approvals;

    ShopFixture(ClusterRegistry registry, CatalogSync sync, Ownership ownership, Approvals approvals) {
        this.registry = registry;
        this.sync = sync;
        this.ownership = ownership;
        this.approvals = approvals;
    }

    /// Close it at the end: it retires the cluster and stops it.
    public record Shop(TestTenant tenant, EmbeddedCluster cluster, ClusterRef ref, ClusterRegistry registry, Approvals approvals) implements AutoCloseable {
        public WorkloadKey workload(String namespace, String name) {
            return new WorkloadKey(ref.id(), namespace, name);
        }

        /// As `Approvals.approve`, of calls to payment-service.
        public long approve(String caller) {
            return approvals.approve(tenant, caller, "payment-service", "/api/v1/payments/*");
        }

        /// As the portal's own account writes to it by hand: an object past all checks, as if `manager` had created it.
        public void seed(String manager, Map<String, Object> object) {
            cluster.seed(manager, List.of(object));
        }

        @Override
        public void close() {
            CurrentTenant.run(tenant.tenant().id(), () -> registry.retire(Actor.system("test"), ref.id(), "the test is over"));
            cluster.close();
        }
    }

    /// Call it outside a transaction.
    public Shop open(TestTenant tenant) {
        return open(tenant, "demo");
    }

    /// Another one for the same tenant, registered under that name.
    public Shop open(TestTenant tenant, String name) {
        EmbeddedCluster cluster = start();
        return CurrentTenant.call(tenant.tenant().id(), () -> {
            Actor setup = Actor.system("test");
            ClusterRef ref = switch (registry.register(setup, RegistrationForm.of(name, cluster.kubeconfig("portal"), List.of("production", "staging")))) {
                case Registration.Registered registered -> registered.cluster();
                case Registration.Refused refused -> throw new IllegalStateException(refused.problems().toString());
            };
            sync.syncNow(ref.id()).ifPresent(trouble -> {
                throw new IllegalStateException(trouble.toString());
            });
            ownership.ownByDefault(setup, ref.id(), "production", tenant.team("orders"));
            ownership.own(setup, new WorkloadKey(ref.id(), "production", "payment-service"), tenant.team("payments"));
            return new Shop(tenant, cluster, ref, registry, approvals);
        });
    }

    /// An embedded cluster with the shop and a user `portal` who may do what the portal needs and nothing else.
    public static EmbeddedCluster start() {
        EmbeddedCluster cluster = EmbeddedCluster.start(ClusterOptions.defaults().named("demo").withUser(portalUser("production", "staging")));
        DemoShop.acme().openIn(cluster);
        DemoShop.leaveOldThingsIn(cluster);
        return cluster;
    }

    /// The rights that `deploy/kubernetes` grants: the least.
    public static ClusterUser portalUser(String... namespaces) {
        String owned = String.join(" ", namespaces);
        return ClusterUser.named("portal")
                .may("get list watch", "namespaces", "*")
                .may("list watch", "pods services serviceaccounts deployments.apps statefulsets.apps daemonsets.apps", owned)
                .may("list watch", "authorizationpolicies.security.istio.io peerauthentications.security.istio.io", owned + " istio-system")
                .may("get create patch delete", "authorizationpolicies.security.istio.io", owned);
    }
}
