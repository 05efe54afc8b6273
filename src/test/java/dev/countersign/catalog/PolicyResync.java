package dev.countersign.catalog;

import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ClusterView;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.context.ApplicationContext;

/// For benches: what the catalog does when a watch of AuthorizationPolicies has to list again, in one namespace and without its other
/// kinds: the pages are read, the versions compared. Nothing may have changed.
public final class PolicyResync {
    private static final String HOLDER = "bench";

    private final ClusterRegistry registry;
    private final CatalogStore store;
    private final Tenants tenants;

    public PolicyResync(ApplicationContext portal) {
        registry = portal.getBean(ClusterRegistry.class);
        store = portal.getBean(CatalogStore.class);
        tenants = portal.getBean(Tenants.class);
    }

    /// In the current tenant, outside a transaction.
    public void list(UUID cluster, String namespace) {
        TenantId tenant = CurrentTenant.require();
        tenants.doInTenant(tenant, () -> store.take(cluster, HOLDER, Duration.ofMinutes(1)));
        ClusterView view = registry.find(cluster).orElseThrow();
        ClusterWatch watch = new ClusterWatch(view, new ClusterWatch.Surroundings() {
            @Override
            public ClusterConnection connection() {
                return registry.connection(cluster).orElseThrow();
            }

            @Override
            public Optional<ClusterTrouble> checkIdentity(ClusterConnection connection) {
                return registry.checkIdentity(connection, view.uid());
            }

            @Override
            public void write(ClusterWatch.Batch batch) {
                List<CatalogStore.PolicyChange> changes = tenants.inTenant(tenant, () -> {
                    if (!store.has(cluster, HOLDER)) {
                        throw new WordLost();
                    }
                    return store.replace(cluster, "AuthorizationPolicy", Set.of(namespace), batch.observations());
                });
                if (!changes.isEmpty()) {
                    throw new IllegalStateException(changes.size() + " policies changed");
                }
            }

            @Override
            public void report(Optional<ClusterTrouble> trouble) {}

            @Override
            public void start(String name, Runnable work) {}
        });
        new ResourceWatch(watch, ApiResource.AUTHORIZATION_POLICIES, Optional.of(namespace), Set.of(namespace)).listOnce().ifPresent(trouble -> {
            throw new IllegalStateException(trouble.toString());
        });
    }
}
