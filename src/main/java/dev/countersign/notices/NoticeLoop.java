package dev.countersign.notices;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// The postmen of this replica. One thread follows the records and claims; each attempt has a thread of its own, at most `MOST` at a
/// time, `OF_TENANT` of a tenant and `OF_WEBHOOK` to a receiver, so that whoever hangs keeps nobody else waiting. Outcomes are written
/// by a few at a time: pages find a connection however many are under way.
@Component
class NoticeLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(NoticeLoop.class);
    static final int MOST = 128;
    static final int OF_TENANT = 16;
    static final int OF_WEBHOOK = 4;
    private static final int WRITERS = 2;
    /// So many sweeps leave out the tenants that had no webhook; then all are looked at, in case another replica registered one.
    private static final int SWEEPS = 20;
    /// Of a tenant before the next one's turn.
    private static final int BATCHES = 10;
    /// How long a stopping portal waits for receivers. An attempt that is cut off is made again: it may come twice.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Tenants tenants;
    private final Follower follower;
    private final Outbox outbox;
    private final Housekeeping housekeeping;
    private final Post post;
    private final NoticeBell bell;
    private final Duration sweep;
    private final Map<Claim, TenantId> underWay = new ConcurrentHashMap<>();
    private final Set<TenantId> without = ConcurrentHashMap.newKeySet();
    private final Semaphore writers = new Semaphore(WRITERS, true);
    private volatile boolean running;
    private ExecutorService postmen = Executors.newVirtualThreadPerTaskExecutor();

    NoticeLoop(Tenants tenants, Follower follower, Outbox outbox, Housekeeping housekeeping, Post post, NoticeBell bell,
            @Value("${countersign.webhooks.sweep:3s}") Duration sweep) {
        this.tenants = tenants;
        this.follower = follower;
        this.outbox = outbox;
        this.housekeeping = housekeeping;
        this.post = post;
        this.bell = bell;
        this.sweep = sweep;
    }

    @Override
    public void start() {
        running = true;
        underWay.clear();
        postmen = Executors.newVirtualThreadPerTaskExecutor();
        postmen.submit(this::loop);
        postmen.submit(this::tidy);
    }

    @Override
    public void stop() {
        running = false;
        postmen.shutdown();
        try {
            if (!postmen.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                postmen.shutdownNow();
            }
        } catch (InterruptedException e) {
            postmen.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop() {
        long nextSweep = System.nanoTime();
        int sweeps = 0;
        while (running) {
            try {
                // Short, so that a stop is seen.
                bell.await(Math.min(250, (nextSweep - System.nanoTime()) / 1_000_000)).forEach(id -> tenants.byId(id).ifPresent(this::look));
                if (System.nanoTime() - nextSweep >= 0) {
                    nextSweep = System.nanoTime() + sweep.toNanos();
                    boolean everybody = sweeps++ % SWEEPS == 0;
                    tenants.all().stream().filter(tenant -> everybody || !without.contains(tenant.id())).forEach(this::look);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                complain(e, "Webhooks could not be looked after; they are in the next sweep");
            }
        }
    }

    /// Queues what is new in the tenant's record and sends what is due.
    void look(Tenant tenant) {
        if (!running) {
            return;
        }
        try {
            CurrentTenant.run(tenant.id(), () -> {
                if (!follower.isWanted()) {
                    without.add(tenant.id());
                    return;
                }
                without.remove(tenant.id());
                follower.behind().forEach(webhook -> follow(tenant, webhook));
                outbox.due().forEach(due -> send(tenant, due));
            });
        } catch (RuntimeException e) {
            complain(e, "The webhooks of tenant " + tenant.slug() + " could not be looked after; they are in the next sweep");
        }
    }

    private void follow(Tenant tenant, UUID webhook) {
        for (int i = 0; i < BATCHES; i++) {
            if (!follower.follow(tenant, webhook)) {
                return;
            }
        }
        bell.ring(tenant.id());
    }

    private void send(Tenant tenant, Outbox.Due due) {
        int free = Math.min(MOST - underWay.size(), OF_TENANT - (int) underWay.values().stream().filter(tenant.id()::equals).count());
        int places = Math.min(free, (due.silent() ? 1 : OF_WEBHOOK) - (int) underWay.keySet().stream().filter(claim -> claim.webhook().equals(due.webhook())).count());
        if (places <= 0 || !running) {
            return;
        }
        outbox.claim(due.webhook(), places).forEach(claim -> {
            underWay.put(claim, tenant.id());
            postmen.submit(() -> CurrentTenant.run(tenant.id(), () -> carry(tenant, claim)));
        });
    }

    private void carry(Tenant tenant, Claim claim) {
        try {
            Answered answered = post.send(claim);
            writers.acquire();
            try {
                outbox.record(claim, answered);
            } finally {
                writers.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The lease runs out, and it is sent again.
            complain(e, "What became of an event for webhook " + claim.origin() + " could not be written down; it is sent again");
        } finally {
            underWay.remove(claim);
            bell.ring(tenant.id());
        }
    }

    private void tidy() {
        long next = System.nanoTime() + Housekeeping.EVERY.toNanos();
        while (running) {
            try {
                Thread.sleep(250);
                if (System.nanoTime() - next >= 0) {
                    next = System.nanoTime() + Housekeeping.EVERY.toNanos();
                    for (Tenant tenant : tenants.all()) {
                        CurrentTenant.run(tenant.id(), housekeeping::round);
                    }
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                complain(e, "Old deliveries of webhooks could not be cleared away; it is tried again");
            }
        }
    }

    private void complain(RuntimeException e, String words) {
        if (running) {
            LOG.atWarn().setCause(e).log(words);
        }
    }

    /// What is being sent at this moment.
    List<Claim> underWay() {
        return List.copyOf(underWay.keySet());
    }
}
