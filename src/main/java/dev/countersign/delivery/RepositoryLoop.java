package dev.countersign.delivery;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.web.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The pushers of this replica. Woken by `DeliveryLoop` with its couriers; any number of replicas share the work through the claims.
/// Each repository on a thread of its own: one that hangs keeps no other waiting; at most `MOST` at a time, and `OF_ONE` of a tenant.
@Component
class RepositoryLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(RepositoryLoop.class);
    /// Whoever is at it longer is given up: its claim is not renewed any more, and another begins anew.
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /// How long a stopping portal waits for a Git server.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// Each may need some memory, and room on the disk for what is fetched.
    private static final int MOST = 16;
    private static final int OF_ONE = 4;

    private final RepositoryLedger ledger;
    private final Pusher pusher;
    private final Confirmations confirmations;
    private final Map<RepositoryClaim, UnderWay> underWay = new ConcurrentHashMap<>();
    /// Places are counted and claimed by one thread at a time.
    private final ReentrantLock claiming = new ReentrantLock();
    private volatile boolean running;
    private ExecutorService pushers = Executors.newVirtualThreadPerTaskExecutor();

    RepositoryLoop(RepositoryLedger ledger, Pusher pusher, Confirmations confirmations) {
        this.ledger = ledger;
        this.pusher = pusher;
        this.confirmations = confirmations;
    }

    /// `until`: by `System.nanoTime`.
    private record UnderWay(TenantId tenant, long until) {}

    @Override
    public void start() {
        running = true;
        underWay.clear();
        pushers = Executors.newVirtualThreadPerTaskExecutor();
        pushers.submit(this::renewNowAndThen);
    }

    /// Before the loop that wakes it, which then finds nobody. A visit that has not come to its end by then is broken off: what it
    /// pushed is found by the next one.
    @Override
    public void stop() {
        running = false;
        pushers.shutdown();
        try {
            if (!pushers.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                pushers.shutdownNow();
            }
        } catch (InterruptedException e) {
            pushers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    int endLeasesOfTheDead() {
        return ledger.endLeasesOfTheDead();
    }

    /// Claims the repositories of the tenant that are due and sets pushers off to them.
    void pushDue(Tenant tenant) {
        if (!running) {
            return;
        }
        claiming.lock();
        try {
            int places = Math.min(MOST - underWay.size(), OF_ONE - (int) underWay.values().stream().filter(at -> at.tenant().equals(tenant.id())).count());
            if (places > 0) {
                CurrentTenant.call(tenant.id(), () -> ledger.claim(places)).forEach(claim -> {
                    underWay.put(claim, new UnderWay(tenant.id(), System.nanoTime() + LONGEST.toNanos()));
                    pushers.submit(() -> CurrentTenant.run(tenant.id(), () -> push(tenant, claim)));
                });
            }
        } catch (RuntimeException e) {
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).log("Repositories that are due could not be claimed");
            }
        } finally {
            claiming.unlock();
        }
    }

    private void push(Tenant tenant, RepositoryClaim claim) {
        try {
            PushReport report = pusher.visit(tenant, claim);
            if (!ledger.record(claim, report)) {
                LOG.atWarn().addKeyValue("cluster", claim.cluster().name()).addKeyValue("fence", claim.fence())
                        .log("A visit to a repository came back after its lease; a newer one tells what is there");
            }
            if (report instanceof PushReport.Visited) {
                confirmations.look(claim.cluster().id());
            }
        } catch (DataAccessException | TransactionException | Problem passing) {
            // The lease runs out and another pusher takes over; nothing is lost.
            (running ? LOG.atError() : LOG.atDebug()).setCause(passing).addKeyValue("tenant", tenant.slug()).addKeyValue("cluster", claim.cluster().name())
                    .log("A visit to a repository failed without an outcome");
        } catch (RuntimeException e) {
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("cluster", claim.cluster().name()).log("A visit to a repository failed by itself");
                broken(tenant, claim);
            }
        } finally {
            underWay.remove(claim);
        }
    }

    private void broken(Tenant tenant, RepositoryClaim claim) {
        try {
            ledger.record(claim, PushReport.broken());
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("cluster", claim.cluster().name()).log("Nor could that be recorded");
        }
    }

    private void renewNowAndThen() {
        long next = System.nanoTime() + RepositoryLedger.LEASE.dividedBy(4).toNanos();
        while (running) {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (System.nanoTime() - next >= 0) {
                next = System.nanoTime() + RepositoryLedger.LEASE.dividedBy(4).toNanos();
                underWay.forEach(this::renew);
            }
        }
    }

    private void renew(RepositoryClaim claim, UnderWay at) {
        if (System.nanoTime() - at.until() >= 0) {
            return;
        }
        try {
            CurrentTenant.run(at.tenant(), () -> ledger.renew(claim));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("cluster", claim.cluster().name()).log("A claim of a repository could not be renewed; another replica may take over");
        }
    }
}
