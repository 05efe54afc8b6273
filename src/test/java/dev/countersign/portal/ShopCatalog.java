package dev.countersign.portal;

import dev.countersign.catalog.CallingWorkload;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.CatalogWorkload.Port;
import dev.countersign.catalog.ClusterMesh;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.PolicyVersion;
import dev.countersign.catalog.Resident;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.context.annotation.Primary;

/// A catalog in memory for tests that are not about the catalog. Tenants that opened a shop here see it; all others see
/// the real catalog.
@TestComponent
@Primary
public class ShopCatalog implements MeshCatalog {
    private final Map<TenantId, Shop> shops = new ConcurrentHashMap<>();
    private final ObjectProvider<MeshCatalog> catalogs;

    ShopCatalog(ObjectProvider<MeshCatalog> catalogs) {
        this.catalogs = catalogs;
    }

    /// The demo's shop in one cluster `demo`: order-service (team orders), billing-service, payment-service (team payments,
    /// 8080 http and 9000 tcp), user-profile and frontend in `production`, order-service and legacy (no sidecar) in `staging`.
    public Shop open(TestTenant tenant) {
        Shop shop = new Shop();
        TeamName orders = new TeamName(tenant.team("orders"), "orders", "Orders");
        TeamName payments = new TeamName(tenant.team("payments"), "payments", "Payments");
        ClusterRef demo = shop.cluster("demo");
        shop.add(demo, "production", "order-service", Optional.of(orders), Membership.SIDECAR);
        shop.add(demo, "production", "billing-service", Optional.empty(), Membership.SIDECAR);
        shop.add(demo, "production", "payment-service", Optional.of(payments), Membership.SIDECAR);
        shop.add(demo, "production", "user-profile", Optional.empty(), Membership.SIDECAR);
        shop.add(demo, "production", "frontend", Optional.empty(), Membership.SIDECAR);
        shop.add(demo, "staging", "order-service", Optional.of(orders), Membership.SIDECAR);
        shop.add(demo, "staging", "legacy", Optional.empty(), Membership.NONE);
        shops.put(tenant.tenant().id(), shop);
        return shop;
    }

    /// One tenant's mesh. Changes are seen at once.
    public static final class Shop {
        final List<ClusterRef> clusters = new ArrayList<>();
        private Optional<String> istioVersion = Optional.empty();
        final Map<WorkloadKey, CatalogWorkload> workloads = new LinkedHashMap<>();
        final List<LivePolicy> policies = new ArrayList<>();

        /// The release of Istio in every cluster of the shop.
        public void runs(String version) {
            istioVersion = Optional.of(version);
        }

        public ClusterRef cluster(String name) {
            ClusterRef cluster = new ClusterRef(UUID.randomUUID(), name);
            clusters.add(cluster);
            return cluster;
        }

        public ClusterRef demo() {
            return clusters.getFirst();
        }

        public void add(ClusterRef cluster, String namespace, String name, Optional<TeamName> owner, Membership membership) {
            put(new CatalogWorkload(cluster, namespace, name, "Deployment", Map.of("app", name), Map.of("app", name, "version", "v1"), name,
                    List.of(new Port(8080, "http", "http"), new Port(9000, "tcp-admin", "tcp")), List.of(name), membership, owner));
        }

        public void put(CatalogWorkload workload) {
            workloads.put(workload.key(), workload);
        }

        /// The workload is gone.
        public void remove(WorkloadKey workload) {
            workloads.remove(workload);
        }

        public void policies(LivePolicy policy) {
            policies.add(policy);
        }

        /// Takes every policy away.
        public void open() {
            policies.clear();
        }

        public void live(AuthorizationPolicy policy) {
            policies.add(new LivePolicy(demo().id(), policy.metadata().namespace(), policy.metadata().name(), UUID.randomUUID().toString(),
                    "1", PolicyWriter.tree(policy), Optional.of(policy), Optional.empty(), List.of("kubectl")));
        }
    }

    private Optional<Shop> shop() {
        return CurrentTenant.find().map(shops::get);
    }

    private MeshCatalog real() {
        return catalogs.stream().filter(catalog -> catalog != this).findFirst()
                .orElseThrow(() -> new IllegalStateException("this tenant has no shop, and there is no other catalog"));
    }

    @Override
    public List<ClusterRef> clusters() {
        return shop().map(shop -> List.copyOf(shop.clusters)).orElseGet(() -> real().clusters());
    }

    @Override
    public Optional<ClusterRef> cluster(String name) {
        return clusters().stream().filter(cluster -> cluster.name().equals(name)).findFirst();
    }

    @Override
    public List<ClusterMesh> meshes(List<String> names) {
        return shop().map(shop -> shop.clusters.stream()
                        .filter(cluster -> names.contains(cluster.name()))
                        .map(cluster -> new ClusterMesh(cluster, mesh(cluster.id()), shop.istioVersion, namespaces(cluster.id())))
                        .toList())
                .orElseGet(() -> real().meshes(names));
    }

    @Override
    public MeshSettings mesh(UUID cluster) {
        return shop().map(shop -> MeshSettings.DEFAULT).orElseGet(() -> real().mesh(cluster));
    }

    @Override
    public List<String> namespaces(UUID cluster) {
        return shop().map(shop -> List.copyOf(shop.workloads.keySet().stream()
                        .filter(key -> key.cluster().equals(cluster))
                        .map(WorkloadKey::namespace)
                        .collect(java.util.stream.Collectors.toCollection(TreeSet::new))))
                .orElseGet(() -> real().namespaces(cluster));
    }

    @Override
    public Optional<CatalogWorkload> workload(WorkloadKey key) {
        return shop().map(shop -> Optional.ofNullable(shop.workloads.get(key))).orElseGet(() -> real().workload(key));
    }

    @Override
    public List<CatalogWorkload> workloads(UUID cluster, String namespace) {
        return shop().map(shop -> shop.workloads.values().stream()
                        .filter(workload -> workload.cluster().id().equals(cluster) && workload.namespace().equals(namespace))
                        .toList())
                .orElseGet(() -> real().workloads(cluster, namespace));
    }

    @Override
    public List<Resident> residents(UUID cluster, List<String> namespaces, int most) {
        return shop().isEmpty() ? real().residents(cluster, namespaces, most)
                : namespaces.stream()
                        .flatMap(namespace -> workloads(cluster, namespace).stream().limit(most))
                        .map(workload -> new Resident(workload.key(), workload.serviceAccount()))
                        .toList();
    }

    @Override
    public List<CatalogWorkload> runningAs(UUID cluster, String namespace, String serviceAccount) {
        return shop().isEmpty() ? real().runningAs(cluster, namespace, serviceAccount)
                : workloads(cluster, namespace).stream().filter(workload -> workload.serviceAccount().equals(serviceAccount)).toList();
    }

    @Override
    public Optional<List<CallingWorkload>> callers(UUID cluster, String namespace, String serviceAccount) {
        return shop().isEmpty() ? real().callers(cluster, namespace, serviceAccount)
                : Optional.of(runningAs(cluster, namespace, serviceAccount).stream().map(ShopCatalog::calling).toList())
                        .filter(ignored -> serviceAccountExists(cluster, namespace, serviceAccount));
    }

    @Override
    public List<CallingWorkload> callers(UUID cluster, List<String> namespaces) {
        return shop().isEmpty() ? real().callers(cluster, namespaces)
                : namespaces.stream().flatMap(namespace -> workloads(cluster, namespace).stream()).map(ShopCatalog::calling).toList();
    }

    private static CallingWorkload calling(CatalogWorkload workload) {
        return new CallingWorkload(workload.key(), workload.serviceAccount(), workload.membership(), workload.owner());
    }

    @Override
    public boolean serviceAccountExists(UUID cluster, String namespace, String serviceAccount) {
        return shop().isEmpty() ? real().serviceAccountExists(cluster, namespace, serviceAccount)
                : serviceAccount.equals("default") || !runningAs(cluster, namespace, serviceAccount).isEmpty();
    }

    @Override
    public List<CatalogWorkload> search(String text, Optional<String> cluster, Optional<String> namespace, int limit) {
        return shop().map(shop -> shop.workloads.values().stream().filter(workload -> workload.name().contains(text)).limit(limit).toList())
                .orElseGet(() -> real().search(text, cluster, namespace, limit));
    }

    @Override
    public List<LivePolicy> policies(UUID cluster, String namespace) {
        return shop().map(shop -> shop.policies.stream()
                        .filter(policy -> policy.cluster().equals(cluster))
                        .filter(policy -> policy.namespace().equals(namespace) || policy.namespace().equals("istio-system"))
                        .toList())
                .orElseGet(() -> real().policies(cluster, namespace));
    }

    @Override
    public List<LivePolicy> policies(UUID cluster) {
        return shop().map(shop -> shop.policies.stream().filter(policy -> policy.cluster().equals(cluster)).toList())
                .orElseGet(() -> real().policies(cluster));
    }

    @Override
    public Optional<LivePolicy> policy(UUID cluster, String namespace, String name) {
        return shop().map(shop -> shop.policies.stream()
                        .filter(policy -> policy.cluster().equals(cluster) && policy.namespace().equals(namespace) && policy.name().equals(name))
                        .findFirst())
                .orElseGet(() -> real().policy(cluster, namespace, name));
    }

    @Override
    public List<PolicyVersion> policyVersions(UUID cluster) {
        return policies(cluster).stream().map(live -> new PolicyVersion(live.namespace(), live.name(), live.uid(), live.resourceVersion())).toList();
    }

    @Override
    public List<PeerAuthentication> peerAuthentications(UUID cluster, String namespace) {
        return shop().isPresent() ? List.of() : real().peerAuthentications(cluster, namespace);
    }

    @Override
    public List<TeamName> owners(List<WorkloadKey> keys) {
        return shop().map(shop -> keys.stream()
                        .map(shop.workloads::get)
                        .flatMap(workload -> Optional.ofNullable(workload).flatMap(CatalogWorkload::owner).stream())
                        .distinct()
                        .toList())
                .orElseGet(() -> real().owners(keys));
    }
}
