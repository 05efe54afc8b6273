package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Seals what this replica appended within a third of a second, what another told of and may have died over when that had its time, all when
/// one is gone, and every ten seconds what any replica left; walks through the stored record and compares it with the witness. Several tenants at a time,
/// each by one thread, who has waited longest first: a long record, or one that is hard to come by, keeps no other waiting while there are
/// fewer than `AT_ONCE` such. Looks at every tenant once before the portal answers or delivers anything.
@Component
class SealingLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(SealingLoop.class);
    private static final Duration ROUND = Duration.ofMillis(50);
    /// From one sealing of a tenant to the next: what is appended meanwhile shares a checkpoint.
    private static final Duration APART = Duration.ofMillis(250);
    /// After so many rounds the other replica has had its time.
    private static final int ROUNDS_FOR_OTHERS = 10;
    private static final Duration SWEEP = Duration.ofSeconds(10);
    /// Tenants that are sealed at a time: each takes one of the connections of the background.
    private static final int AT_ONCE = 3;
    private static final int STRETCH = 2_000;
    private static final String READER = "the portal";

    private final Tenants tenants;
    private final Sequencer sequencer;
    private final Rounds rounds;
    private final Witness witness;
    private final RecordState state;
    private final Map<TenantId, Lock> turns = new ConcurrentHashMap<>();
    private final Map<TenantId, Long> begun = new ConcurrentHashMap<>();
    /// Whom a place was asked for.
    private final Set<TenantId> inTurn = ConcurrentHashMap.newKeySet();
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
        Thread.ofVirtual().name("sealing").start(this::sealInRounds);
        Thread.ofVirtual().name("walking the record").start(() -> every(SWEEP, round -> sweep()));
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void every(Duration pause, IntConsumer work) {
        for (int round = 1; running; round++) {
            try {
                Thread.sleep(pause);
                work.accept(round);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (running) {
                    LOG.atWarn().setCause(e).log("The record could not be sealed; it is tried again");
                }
            }
        }
    }

    /// By threads of the platform: virtual ones share few carriers with all else, and would wait for one of them after each answer of the database.
    private void sealInRounds() {
        ExecutorService places = Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("sealing ", 1).factory());
        every(ROUND, round -> seal(round, places));
        places.shutdown();
    }

    private void seal(int round, ExecutorService places) {
        for (TenantId id : state.takeUnsealed(round % ROUNDS_FOR_OTHERS == 0, this::isDue)) {
            inTurn.add(id);
            places.execute(() -> sealAlone(id));
        }
    }

    private boolean isDue(TenantId id) {
        Long before = begun.get(id);
        return !inTurn.contains(id) && (before == null || System.nanoTime() - before >= APART.toNanos());
    }

    /// Where somebody is at it already, in a later round.
    private void sealAlone(TenantId id) {
        Lock turn = turn(id);
        boolean mine = turn.tryLock();
        try {
            if (mine) {
                begun.put(id, System.nanoTime());
                tenants.byId(id).filter(tenant -> running).ifPresent(tenant -> look(tenant, false));
            } else {
                state.unsealed(id);
            }
        } catch (RuntimeException e) {
            state.unsealed(id);
            if (running) {
                LOG.atWarn().setCause(e).log("The record could not be sealed; it is tried again");
            }
        } finally {
            if (mine) {
                turn.unlock();
            }
            inTurn.remove(id);
        }
    }

    private void sweep() {
        for (Tenant tenant : tenants.all()) {
            if (running) {
                look(tenant, true);
            }
        }
    }

    private Lock turn(TenantId id) {
        return turns.computeIfAbsent(id, tenant -> new ReentrantLock());
    }

    /// One tenant: seal, compare with the witness, and on a sweep read a stretch of what is stored first. That is not in turn: it takes long,
    /// and what is sealed meanwhile changes nothing of what it reads.
    void look(Tenant tenant, boolean walk) {
        try {
            if (walk) {
                rounds.walk(tenant, STRETCH);
            }
            Lock turn = turn(tenant.id());
            turn.lock();
            try {
                lookAlone(tenant);
                if (walk) {
                    // Only a full look clears: what was found stays found until walk and witness find it whole, and what a sealing finds
                    // meanwhile, this one has just found too.
                    state.sound(tenant.id(), READER);
                }
            } finally {
                turn.unlock();
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

    private void lookAlone(Tenant tenant) {
        if (sequencer.seal(tenant) != Sequencer.Sealed.ALL) {
            // In the next round.
            begun.remove(tenant.id());
            state.unsealed(tenant.id());
        }
        witness.compareAndPublish(tenant);
    }
}
