package dev.countersign.adoption;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Goes round and removes what adoptions left to remove; any number of replicas share the work through the claims. Nobody waits
/// for it: until it comes by, both policies are in force, which changes nothing.
@Component
class RemovalLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(RemovalLoop.class);
    private static final int CLAIM = 8;
    /// How long a stopping portal waits for a cluster.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Tenants tenants;
    private final RemovalLedger ledger;
    private final Remover remover;
    private final Duration sweep;
    private volatile boolean running;
    private ExecutorService rounds = Executors.newVirtualThreadPerTaskExecutor();

    RemovalLoop(Tenants tenants, RemovalLedger ledger, Remover remover, @Value("${countersign.adoption.sweep:3s}") Duration sweep) {
        this.tenants = tenants;
        this.ledger = ledger;
        this.remover = remover;
        this.sweep = sweep;
    }

    @Override
    public void start() {
        running = true;
        rounds = Executors.newVirtualThreadPerTaskExecutor();
        rounds.submit(this::goRound);
    }

    /// A removal under way comes to its end; one from a cluster that does not answer is left to its lease.
    @Override
    public void stop() {
        running = false;
        rounds.shutdown();
        try {
            rounds.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void goRound() {
        while (running) {
            try {
                tenants.all().forEach(this::removeDue);
                for (long waited = 0; running && waited < sweep.toMillis(); waited += 100) {
                    TimeUnit.MILLISECONDS.sleep(Math.min(100, sweep.toMillis()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("A round over the adoptions failed; the next one comes");
            }
        }
    }

    /// Each removal on a thread of its own: a cluster that hangs keeps no other tenant waiting. Lost claims run out with their lease.
    void removeDue(Tenant tenant) {
        try {
            List<Removal> claimed = CurrentTenant.call(tenant.id(), () -> ledger.claim(CLAIM));
            claimed.forEach(removal -> rounds.submit(() -> CurrentTenant.run(tenant.id(), () -> remove(tenant, removal))));
        } catch (RuntimeException e) {
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).log("What is to be removed could not be claimed");
            }
        }
    }

    private void remove(Tenant tenant, Removal removal) {
        try {
            if (!ledger.record(removal, remover.remove(removal))) {
                LOG.atWarn().addKeyValue("adoption", removal.adoption().number()).addKeyValue("fence", removal.fence())
                        .log("A removal came back after its lease; a newer holder has it");
            }
        } catch (RuntimeException e) {
            // The lease runs out and another takes over from the row.
            LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("adoption", removal.adoption().number())
                    .log("A removal failed without an outcome");
        }
    }
}
