package dev.countersign.delivery;

import dev.countersign.audit.RecordState;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.delivery.Outcomes.Outcome;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The couriers of this replica. Woken by NOTIFY, and every few seconds in case a wake-up was lost; any number of replicas
/// share the work through the claims. At most `PER_CLUSTER` deliveries of a replica to a cluster at a time, a place kept for each
/// before it is claimed: one that hangs keeps no other waiting. No more is claimed while `CLAIM` couriers wait for the database (`Turns`).
@Component
class DeliveryLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);
    static final int PER_CLUSTER = 8;
    private static final int CLAIM = 32;
    /// How long a stopping portal waits for its couriers: its server answers nobody new after that, and has to come to its end too.
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /// How often it is asked who is gone.
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Tenants tenants;
    private final DeliveryLedger ledger;
    private final Outcomes outcomes;
    private final Planner planner;
    private final Doubts doubts;
    private final ClusterRegistry registry;
    private final Identities identities;
    private final DataSource dataSource;
    private final StopGuards guards;
    private final RepositoryLoop repositories;
    private final Turns turns;
    private final Together<Consignment, Boolean> renewing;
    private final Together<Outcome, Boolean> recording;
    private final Life life;
    private final RecordState record;
    private final Duration sweep;
    private final Duration replan;
    private final Map<UUID, Integer> inFlight = new ConcurrentHashMap<>();
    /// Clusters of which more was due than there were places.
    private final Set<UUID> crowded = ConcurrentHashMap.newKeySet();
    /// Tenants of which more was due than the couriers who wait for the database let be claimed.
    private final Set<TenantId> heldUp = ConcurrentHashMap.newKeySet();
    /// Places are counted and claimed by one thread at a time.
    private final ReentrantLock claiming = new ReentrantLock();
    /// Wake-ups of a tenant since its last look by `deliverAfterPace`.
    private final Map<TenantId, Integer> pacing = new ConcurrentHashMap<>();
    /// What couriers of this replica are at, with its tenant.
    private final Map<Consignment, TenantId> underWay = new ConcurrentHashMap<>();
    private volatile boolean running;
    private ExecutorService couriers = Executors.newVirtualThreadPerTaskExecutor();

    DeliveryLoop(
            Tenants tenants, DeliveryLedger ledger, Outcomes outcomes, Planner planner, Doubts doubts, ClusterRegistry registry, Identities identities, DataSource dataSource, StopGuards guards,
            RepositoryLoop repositories, Turns turns, Life life, RecordState record,
            @Value("${countersign.delivery.sweep:3s}") Duration sweep, @Value("${countersign.delivery.replan:60s}") Duration replan) {
        this.tenants = tenants;
        this.ledger = ledger;
        this.outcomes = outcomes;
        this.planner = planner;
        this.doubts = doubts;
        this.registry = registry;
        this.identities = identities;
        this.dataSource = dataSource;
        this.guards = guards;
        this.repositories = repositories;
        this.turns = turns;
        this.renewing = new Together<>(turns, ledger::renew, ledger::renew);
        this.recording = new Together<>(turns, outcomes::record, outcomes::record);
        this.life = life;
        this.record = record;
        this.sweep = sweep;
        this.replan = replan;
    }

    @Override
    public void start() {
        running = true;
        // Nobody is under way: whatever a stop cut off between its claim and its courier is claimed anew when its lease ends.
        inFlight.clear();
        crowded.clear();
        heldUp.clear();
        couriers = Executors.newVirtualThreadPerTaskExecutor();
        couriers.submit(this::listen);
        couriers.submit(this::replanNowAndThen);
        couriers.submit(this::renewNowAndThen);
    }

    /// Deliveries under way come to their end. One to a cluster that does not answer is left to its lease: another replica takes over
    /// as from one that died.
    @Override
    public void stop() {
        running = false;
        couriers.shutdown();
        try {
            couriers.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// By the connection that it listens on this replica lives (`Life`): where it is lost, nothing is claimed until there is another.
    private void listen() {
        while (running) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    life.begin(connection);
                    statement.execute("listen " + Planner.CHANNEL);
                    hear(connection);
                    awaitCouriers();
                    statement.execute("unlisten *");
                    life.end(connection);
                } finally {
                    life.lose(connection);
                }
            } catch (SQLException | RuntimeException e) {
                if (running) {
                    LOG.atWarn().setCause(e).log("Delivery lost its ear on the database; it listens again in a second");
                    pause(Duration.ofSeconds(1));
                }
            }
        }
    }

    private void hear(Connection connection) throws SQLException {
        long nextSweep = System.nanoTime();
        long nextLook = nextSweep + LOOK.toNanos();
        while (running) {
            boolean someoneIsGone = false;
            if (System.nanoTime() - nextLook >= 0) {
                nextLook = System.nanoTime() + LOOK.toNanos();
                someoneIsGone = life.someoneIsGone(connection);
            }
            if (someoneIsGone || System.nanoTime() - nextSweep >= 0) {
                nextSweep = System.nanoTime() + sweep.toNanos();
                sweep(someoneIsGone);
            }
            PGNotification[] heard = connection.unwrap(PGConnection.class).getNotifications(250);
            wakeFor(heard == null ? new PGNotification[0] : heard);
        }
    }

    private void sweep(boolean someoneIsGone) {
        try {
            tenants.all().forEach(tenant -> {
                if (someoneIsGone) {
                    record.replicaIsGone(tenant.id());
                    endLeasesOfTheDead(tenant);
                }
                deliverDue(tenant);
            });
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("What is due could not be looked for; it is tried again");
        }
    }

    private void endLeasesOfTheDead(Tenant tenant) {
        try {
            CurrentTenant.run(tenant.id(), () -> {
                int ended = ledger.endLeasesOfTheDead() + repositories.endLeasesOfTheDead();
                if (ended > 0) {
                    LOG.atInfo().addKeyValue("tenant", tenant.slug()).addKeyValue("claims", ended).log("A replica is gone; what it was at is taken over");
                }
            });
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("What a replica that is gone was at waits for its leases");
        }
    }

    /// Until then others leave to this replica what it is at.
    private void awaitCouriers() {
        long end = System.nanoTime() + PATIENCE.minusSeconds(1).toNanos();
        while (!underWay.isEmpty() && System.nanoTime() - end < 0) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void wakeFor(PGNotification[] notifications) {
        Set<UUID> woken = new HashSet<>();
        for (PGNotification notification : notifications) {
            tenantOf(notification.getParameter()).ifPresent(woken::add);
        }
        woken.forEach(id -> tenants.byId(new TenantId(id)).ifPresent(tenant -> {
            deliverDue(tenant);
            deliverAfterPace(tenant);
        }));
    }

    /// The first word. A newer version may say more after it; what it says otherwise the next sweep finds.
    private static Optional<UUID> tenantOf(String payload) {
        try {
            return Optional.of(UUID.fromString(payload.split(" ", 2)[0]));
        } catch (IllegalArgumentException ofAnotherVersion) {
            return Optional.empty();
        }
    }

    /// Claims what is due for the tenant and sets couriers off with it, and pushers.
    void deliverDue(Tenant tenant) {
        if (!life.isBegun()) {
            return;
        }
        try {
            repositories.pushDue(tenant);
            List<Consignment> claimed;
            do {
                // Before the look: whoever leaves in between fetches the rest.
                heldUp.add(tenant.id());
                if (turns.waiting() >= CLAIM) {
                    return;
                }
                heldUp.remove(tenant.id());
                claimed = claim(tenant);
                setOff(tenant, claimed);
            } while (claimed.size() >= CLAIM && running);
        } catch (RuntimeException e) {
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).log("What is due could not be claimed");
            }
        }
    }

    private void setOff(Tenant tenant, List<Consignment> claimed) {
        Set<PolicyKey> sent = new HashSet<>();
        try {
            for (Start start : claimed.isEmpty() ? List.<Start>of() : starts(tenant, claimed)) {
                underWay.put(start.consignment(), tenant.id());
                couriers.submit(() -> {
                    try {
                        CurrentTenant.run(tenant.id(), () -> deliver(tenant, start));
                    } finally {
                        underWay.remove(start.consignment());
                        leave(tenant, start.consignment().key().cluster());
                    }
                });
                sent.add(start.consignment().key());
            }
        } finally {
            // No longer ours, or not begun: then the lease runs out.
            claimed.stream().filter(consignment -> !sent.contains(consignment.key())).forEach(consignment -> free(consignment.key().cluster()));
        }
    }

    /// With what a courier sets off. `way`: empty for a cluster that is no longer registered; `guard`: there while a stop holds. A stop that
    /// comes later takes the claim away.
    private record Start(Consignment consignment, Optional<ClusterRegistry.Way> way, Optional<StopGuard> guard) {}

    /// After the claims are committed: who stops deliveries sees either a claim to take away, or a courier that knows of the stop.
    private List<Start> starts(Tenant tenant, List<Consignment> claimed) {
        List<Start> starts = new ArrayList<>(startsOf(tenant, claimed));
        Set<PolicyKey> begun = starts.stream().map(start -> start.consignment().key()).collect(Collectors.toSet());
        if (claimed.size() > 1) {
            claimed.stream().filter(one -> !begun.contains(one.key())).forEach(one -> starts.addAll(startsOf(tenant, List.of(one))));
        }
        return starts;
    }

    private List<Start> startsOf(Tenant tenant, List<Consignment> claimed) {
        return tenants.inTenant(tenant.id(), () -> {
            Set<PolicyKey> begun = ledger.begin(claimed);
            Map<UUID, ClusterRegistry.Way> ways = registry.ways(begun.stream().map(PolicyKey::cluster).collect(Collectors.toSet()));
            Map<PolicyKey, StopGuard> holding = guards.over(begun);
            return claimed.stream().filter(one -> begun.contains(one.key()))
                    .map(one -> new Start(one, Optional.ofNullable(ways.get(one.key().cluster())), Optional.ofNullable(holding.get(one.key())))).toList();
        });
    }

    private List<Consignment> claim(Tenant tenant) {
        claiming.lock();
        try {
            List<Consignment> claimed = CurrentTenant.call(tenant.id(), () -> ledger.claim(CLAIM, PER_CLUSTER, Map.copyOf(inFlight)));
            claimed.forEach(consignment -> {
                UUID cluster = consignment.key().cluster();
                if (inFlight.merge(cluster, 1, Integer::sum) >= PER_CLUSTER) {
                    crowded.add(cluster);
                }
            });
            return claimed;
        } finally {
            claiming.unlock();
        }
    }

    /// A place is free. Where others wait for one they are fetched when half of the places are, several at once.
    private void leave(Tenant tenant, UUID cluster) {
        int left = free(cluster);
        if (running && left <= PER_CLUSTER / 2 && crowded.remove(cluster)) {
            deliverDue(tenant);
        }
        goOn();
    }

    /// How many are under way to the cluster then.
    private int free(UUID cluster) {
        Integer left = inFlight.computeIfPresent(cluster, (key, now) -> now == 1 ? null : now - 1);
        return left == null ? 0 : left;
    }

    /// Whoever was held up goes on while the database has time again, whosever courier it was that left: one of the tenants after another.
    private void goOn() {
        for (TenantId next : heldUp) {
            if (!running || turns.waiting() > CLAIM / 2) {
                return;
            }
            if (heldUp.remove(next)) {
                tenants.byId(next).ifPresent(this::deliverDue);
            }
        }
    }

    /// What was too early now is due by then: looks once more, and again while there are wake-ups meanwhile.
    private void deliverAfterPace(Tenant tenant) {
        if (!running || pacing.merge(tenant.id(), 1, Integer::sum) > 1) {
            return;
        }
        couriers.submit(() -> {
            pause(Planner.PACE.plusMillis(20));
            boolean moreWakes = pacing.remove(tenant.id()) > 1;
            deliverDue(tenant);
            if (moreWakes && running) {
                deliverAfterPace(tenant);
            }
        });
    }

    private void deliver(Tenant tenant, Start start) {
        Consignment consignment = start.consignment();
        try {
            if (start.way().isEmpty()) {
                recording.ask(new Outcome(new ClusterRef(consignment.key().cluster(), consignment.key().cluster().toString()), consignment, Receipt.unregistered()));
                return;
            }
            ClusterConnection connection = start.way().get().connection();
            Receipt receipt = identities.refuse(start.way().get())
                    .orElseGet(() -> new Courier(connection, tenant.slug(), () -> renewing.ask(consignment), start.guard()).deliver(consignment));
            if (receipt instanceof Receipt.Postponed postponed && !postponed.answered()) {
                identities.forget(consignment.key().cluster());
            }
            if (!recording.ask(new Outcome(connection.cluster(), consignment, receipt))) {
                LOG.atWarn().addKeyValue("policy", consignment.key().inCluster()).addKeyValue("fence", consignment.fence())
                        .log("A delivery came back after its lease; a newer courier has the policy");
            }
        } catch (DataAccessException | TransactionException | Problem passing) {
            // The lease runs out and another courier takes over; nothing is lost.
            (running ? LOG.atError() : LOG.atDebug()).setCause(passing).addKeyValue("tenant", tenant.slug()).addKeyValue("policy", consignment.key().inCluster())
                    .log("A delivery failed without an outcome");
        } catch (RuntimeException e) {
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("policy", consignment.key().inCluster()).log("A delivery failed by itself");
                broken(tenant, consignment);
            }
        } finally {
            deliverAfterPace(tenant);
        }
    }

    private void broken(Tenant tenant, Consignment consignment) {
        UUID cluster = consignment.key().cluster();
        try {
            ClusterRef ref = tenants.inTenant(tenant.id(), () -> registry.find(cluster)).map(view -> new ClusterRef(cluster, view.name())).orElse(new ClusterRef(cluster, cluster.toString()));
            outcomes.record(new Outcome(ref, consignment, Receipt.broken()));
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("policy", consignment.key().inCluster()).log("Nor could that be recorded");
        }
    }

    /// A claim lasts a few seconds, so that others soon take over from a replica that died; whoever lives says so meanwhile.
    private void renewNowAndThen() {
        while (running) {
            pause(DeliveryLedger.LEASE.dividedBy(4));
            underWay.forEach((consignment, tenant) -> {
                try {
                    CurrentTenant.run(tenant, () -> ledger.renew(consignment));
                } catch (RuntimeException e) {
                    LOG.atWarn().setCause(e).addKeyValue("policy", consignment.key().inCluster()).log("A claim could not be renewed; another replica may take over");
                }
            });
        }
    }

    /// The net beneath the events: what should be is computed again from the active grants, and what is held against what was seen.
    private void replanNowAndThen() {
        while (running) {
            pause(replan);
            try {
                for (Tenant tenant : running ? tenants.all() : List.<Tenant>of()) {
                    tenants.inTenant(tenant.id(), registry::list).stream().filter(cluster -> running && cluster.retirement().isEmpty())
                            .forEach(cluster -> replan(tenant, cluster.id()));
                }
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("Clusters could not be planned again");
            }
        }
    }

    /// One that cannot be planned keeps no other from it.
    private void replan(Tenant tenant, UUID cluster) {
        try {
            CurrentTenant.run(tenant.id(), () -> {
                planner.plan(cluster);
                doubts.raise(cluster);
            });
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("cluster", cluster).log("A cluster could not be planned again");
        }
    }

    private void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (running && System.nanoTime() - end < 0) {
            try {
                Thread.sleep(Math.min(200, Math.max(1, (end - System.nanoTime()) / 1_000_000)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
