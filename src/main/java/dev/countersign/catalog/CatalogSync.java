package dev.countersign.catalog;

import dev.countersign.catalog.CatalogStore.PolicyChange;
import dev.countersign.catalog.ClusterWatch.Batch;
import dev.countersign.clusters.ClusterChanged;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ClusterView;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;

/// Keeps the catalog like the clusters. Each cluster is watched by one replica, which says so in the database and says it
/// again before its word runs out; the others take over when it does not.
@Service
public class CatalogSync implements SmartLifecycle {
    static final Logger LOG = LoggerFactory.getLogger(CatalogSync.class);
    private static final Duration ROUND = Duration.ofSeconds(5);
    private static final Duration WORD = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String me = UUID.randomUUID().toString();
    private final Tenants tenants;
    private final ClusterRegistry registry;
    private final CatalogStore store;
    private final ApplicationEventPublisher events;
    private final boolean enabled;
    private final Map<UUID, ClusterWatch> watches = new ConcurrentHashMap<>();
    private volatile boolean running;

    CatalogSync(
            Tenants tenants, ClusterRegistry registry, CatalogStore store, ApplicationEventPublisher events,
            @Value("${countersign.catalog.watch:true}") boolean enabled) {
        this.tenants = tenants;
        this.registry = registry;
        this.store = store;
        this.events = events;
        this.enabled = enabled;
    }

    /// Lists the cluster of the current tenant anew and returns when all of it is in the catalog; the watches go on from
    /// there. Empty, or why it could not (then the catalog is as it was). Call it outside a transaction.
    public Optional<ClusterTrouble> syncNow(UUID cluster) {
        TenantId tenant = CurrentTenant.require();
        Optional<ClusterView> view = registry.find(cluster).filter(found -> found.retirement().isEmpty());
        if (view.isEmpty()) {
            throw new IllegalArgumentException("the tenant has no cluster " + cluster + " in use");
        }
        // Who lists, writes; and only who has the word may.
        tenants.doInTenant(tenant, () -> store.take(cluster, me, WORD));
        ensure(tenant, view.get());
        ClusterWatch watch = watches.get(cluster);
        if (watch == null) {
            return listOnce(tenant, view.get());
        }
        try {
            return watch.relist().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            return watch.trouble().or(() -> Optional.of(new ClusterTrouble.Unreachable(
                    "listing the cluster takes longer than " + PATIENCE.toSeconds() + " s", Optional.empty())));
        } catch (ExecutionException | java.util.concurrent.CancellationException closed) {
            return Optional.of(new ClusterTrouble.Unreachable("the cluster's registration changed meanwhile, or another replica began to watch it; ask again", Optional.empty()));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while listing cluster " + cluster, stopping);
        }
    }

    private Optional<ClusterTrouble> listOnce(TenantId tenant, ClusterView cluster) {
        try {
            return new ClusterWatch(cluster, surroundings(tenant, cluster)).once();
        } catch (WordLost lost) {
            return Optional.of(new ClusterTrouble.Unreachable("another replica began to list the cluster meanwhile; ask again", Optional.empty()));
        } finally {
            tenants.doInTenant(tenant, () -> store.letGo(cluster.id(), me));
        }
    }

    /// Begins, renews or ends the watch of a cluster at once.
    @EventListener
    void on(ClusterChanged change) {
        end(change.cluster());
        tenants.doInTenant(change.tenant(), () -> {
            Optional<ClusterView> view = registry.find(change.cluster());
            view.ifPresent(cluster -> store.keepOnly(cluster.id(), cluster.namespaces(), cluster.rootNamespace()));
        });
        if (running && enabled) {
            CurrentTenant.run(change.tenant(), () -> registry.find(change.cluster())
                    .filter(view -> view.retirement().isEmpty())
                    .ifPresent(view -> ensure(change.tenant(), view)));
        }
    }

    private void rounds() {
        while (running) {
            try {
                round();
            } catch (RuntimeException failure) {
                LOG.warn("a round over the clusters failed, the next one follows: {}", failure.toString());
            }
            try {
                Thread.sleep(ROUND);
            } catch (InterruptedException stopping) {
                return;
            }
        }
    }

    void round() {
        // Those that are begun while this round goes are not its to end.
        Set<UUID> before = Set.copyOf(watches.keySet());
        Set<UUID> current = new HashSet<>();
        for (Tenant tenant : tenants.all()) {
            CurrentTenant.run(tenant.id(), () -> {
                for (ClusterView cluster : registry.list()) {
                    if (cluster.retirement().isEmpty()) {
                        current.add(cluster.id());
                        try {
                            ensure(tenant.id(), cluster);
                        } catch (RuntimeException failure) {
                            LOG.warn("looking after one cluster failed, the others follow: {}", failure.toString());
                        }
                    }
                }
            });
        }
        before.stream().filter(known -> !current.contains(known)).forEach(this::end);
    }

    /// Watches the cluster if this replica may.
    private void ensure(TenantId tenant, ClusterView cluster) {
        if (!running || !enabled) {
            return;
        }
        if (!tenants.inTenant(tenant, () -> store.hold(cluster.id(), me, WORD))) {
            end(cluster.id());
            return;
        }
        // It lost its word, or the cluster was changed by way of another replica, which told nobody here.
        ClusterWatch known = watches.get(cluster.id());
        if (known != null && (known.isClosed() || !known.isOf(cluster))) {
            end(cluster.id());
            tenants.doInTenant(tenant, () -> store.keepOnly(cluster.id(), cluster.namespaces(), cluster.rootNamespace()));
        }
        ClusterWatch watch = watches.computeIfAbsent(cluster.id(), id -> {
            ClusterWatch fresh = new ClusterWatch(cluster, surroundings(tenant, cluster));
            fresh.start();
            return fresh;
        });
        tenants.doInTenant(tenant, () -> watch.trouble().ifPresentOrElse(
                trouble -> registry.failed(cluster.id(), trouble), () -> registry.answered(cluster.id())));
    }

    private void end(UUID cluster) {
        ClusterWatch watch = watches.remove(cluster);
        if (watch != null) {
            watch.close();
        }
    }

    private ClusterWatch.Surroundings surroundings(TenantId tenant, ClusterView cluster) {
        return new ClusterWatch.Surroundings() {
            private volatile long identified = System.nanoTime() - Duration.ofHours(1).toNanos();

            @Override
            public ClusterConnection connection() {
                return CurrentTenant.call(tenant, () -> registry.connection(cluster.id()))
                        .orElseThrow(() -> new IllegalStateException("cluster " + cluster.id() + " is no longer in use"));
            }

            @Override
            public Optional<ClusterTrouble> checkIdentity(ClusterConnection connection) {
                if (System.nanoTime() - identified < Duration.ofSeconds(30).toNanos()) {
                    return Optional.empty();
                }
                Optional<ClusterTrouble> stranger = registry.checkIdentity(connection, cluster.uid());
                if (stranger.isEmpty()) {
                    identified = System.nanoTime();
                }
                return stranger;
            }

            @Override
            public void write(Batch batch) {
                CatalogSync.this.write(tenant, cluster.id(), batch);
            }

            @Override
            public void report(Optional<ClusterTrouble> trouble) {
                tenants.doInTenant(tenant, () -> trouble.ifPresentOrElse(
                        words -> registry.failed(cluster.id(), words), () -> registry.answered(cluster.id())));
            }

            @Override
            public void start(String name, Runnable work) {
                Thread.ofVirtual().name(name).start(() -> {
                    try {
                        CurrentTenant.run(tenant, work);
                    } catch (RuntimeException accident) {
                        // The next round begins it anew.
                        LOG.warn("watching a cluster ended by accident", accident);
                        end(cluster.id());
                    }
                });
            }
        };
    }

    void write(TenantId tenant, UUID cluster, Batch batch) {
        List<PolicyChange> changes;
        try {
            changes = tenants.inTenant(tenant, () -> write(cluster, batch, batch.observations()));
        } catch (DataIntegrityViolationException unstorable) {
            // One object that cannot be stored must not stop the others.
            List<Observation> storable = batch.observations().stream().filter(one -> isStorable(tenant, cluster, one)).toList();
            changes = tenants.inTenant(tenant, () -> write(cluster, batch, storable));
        }
        tell(tenant, cluster, changes);
    }

    /// What is written by who does not have the word any more is older than what is there: a replica that slept wakes up with it.
    private List<PolicyChange> write(UUID cluster, Batch batch, List<Observation> observations) {
        if (!store.has(cluster, me)) {
            throw new WordLost();
        }
        return batch.listed()
                .map(listed -> store.replace(cluster, listed.kind(), listed.namespaces(), observations))
                .orElseGet(() -> store.write(cluster, observations));
    }

    private boolean isStorable(TenantId tenant, UUID cluster, Observation one) {
        try {
            tenants.doInTenant(tenant, () -> {
                if (!store.has(cluster, me)) {
                    throw new WordLost();
                }
                store.write(cluster, List.of(one));
            });
            return true;
        } catch (DataIntegrityViolationException unstorable) {
            LOG.warn("an object of a cluster cannot be stored and is passed over: {}", one.key());
            return false;
        }
    }

    /// On a thread of its own: who listens may talk to clusters.
    private void tell(TenantId tenant, UUID cluster, List<PolicyChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        Thread.ofVirtual().name("policy changes").start(() -> CurrentTenant.run(tenant, () -> {
            for (PolicyChange change : changes) {
                try {
                    events.publishEvent(new LivePolicyChanged(
                            tenant, cluster, change.key().kind(), change.key().namespace(), change.key().name(), change.gone()));
                } catch (RuntimeException failure) {
                    LOG.warn("a listener to policy changes failed", failure);
                }
            }
        }));
    }

    @Override
    public void start() {
        running = true;
        if (enabled) {
            Thread.ofVirtual().name("catalog").start(this::rounds);
        }
    }

    /// Lets go of its clusters, so that another replica need not wait.
    @Override
    public void stop() {
        running = false;
        watches.forEach((cluster, watch) -> watch.close());
        for (Tenant tenant : tenants.all()) {
            try {
                tenants.doInTenant(tenant.id(), () -> store.letGoAll(me));
            } catch (RuntimeException gone) {
                LOG.debug("the word for a tenant's clusters runs out by itself", gone);
            }
        }
        watches.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
