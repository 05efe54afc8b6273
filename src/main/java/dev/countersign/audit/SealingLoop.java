package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.io.UncheckedIOException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Seals what this replica appended within half a second, a round later what another told of and may have died over, and every
/// ten seconds what any replica left; walks through the stored
/// record and compares it with the witness. Looks at every tenant once before the portal answers or delivers anything.
@Component
class SealingLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(SealingLoop.class);
    private static final long PAUSE_MILLIS = 500;
    private static final int PAUSES_PER_SWEEP = 20;
    private static final int STRETCH = 2_000;
    private static final String READER = "the portal";

    private final Tenants tenants;
    private final Sequencer sequencer;
    private final Rounds rounds;
    private final Witness witness;
    private final RecordState state;
    private volatile boolean running;

    SealingLoop(Tenants tenants, Sequencer sequencer, Rounds rounds, Witness witness, RecordState state) {
        this.tenants = tenants;
        this.sequencer = sequencer;
        this.rounds = rounds;
        this.witness = witness;
        this.state = state;
    }

    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    public void start() {
        tenants.all().forEach(tenant -> look(tenant, false));
        running = true;
        Thread.ofVirtual().name("sealing").start(this::loop);
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        for (int round = 1; running; round++) {
            try {
                Thread.sleep(PAUSE_MILLIS);
                if (round % PAUSES_PER_SWEEP == 0) {
                    for (Tenant tenant : tenants.all()) {
                        if (running) {
                            look(tenant, true);
                        }
                    }
                }
                Set<TenantId> news = state.takeUnsealed();
                news.forEach(id -> tenants.byId(id).filter(tenant -> running).ifPresent(tenant -> look(tenant, false)));
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (running) {
                    LOG.atWarn().setCause(e).log("The record could not be sealed; it is tried again");
                }
            }
        }
    }

    /// One tenant: seal, compare with the witness, and on a sweep read a stretch of what is stored.
    synchronized void look(Tenant tenant, boolean walk) {
        try {
            if (sequencer.seal(tenant) != Sequencer.Sealed.ALL) {
                state.unsealed(tenant.id());
            }
            if (walk) {
                rounds.walk(tenant, STRETCH);
            }
            witness.compareAndPublish(tenant);
            if (walk) {
                // Only a full look clears: what was found stays found until walk and witness find it whole.
                state.sound(tenant.id(), READER);
            }
        } catch (RecordBroken broken) {
            state.stop(tenant.id(), READER, broken.words());
            LOG.atError().addKeyValue("tenant", tenant.slug()).addKeyValue("entry", broken.entry())
                    .log("THE RECORD IS NOT WHOLE: {}. Nothing is decided or delivered for this tenant (docs/record.md)", broken.words());
        } catch (UncheckedIOException e) {
            // Sealed, and not compared: the next sweep tries again.
            if (running) {
                LOG.atError().setCause(e).addKeyValue("tenant", tenant.slug()).log("The record is sealed, but cannot be compared with what was published, nor published");
            }
        } catch (RuntimeException e) {
            state.unsealed(tenant.id());
            if (running) {
                LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("The record could not be sealed; it is tried again");
            }
        }
    }
}
