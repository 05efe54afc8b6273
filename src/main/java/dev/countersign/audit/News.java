package dev.countersign.audit;

import dev.countersign.tenancy.TenantId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Tells whoever listens that something about a request was recorded: the request's number, and nothing else. What it is, a
/// listener asks for under their own rights.
///
/// - Only what is committed is told, and on every replica (`NewsWire`).
/// - Nobody listens to a portal that goes down: its places end before its server waits for the answers that are under way.
/// - Whoever takes a place hears once more what was told to their tenant in the last ten seconds: between a page and its place, and between
///   two places, there is a moment. What was told to all tenants at once, when the wire broke, is not told again.
/// - News may be lost or come twice, never late by more than the listener's own patience: it is a reason to look, not the truth.
@Component
public class News implements SmartLifecycle {
    /// In place of a number: something was missed, look at everything.
    public static final String ANYTHING = "*";

    static final int MOST_LISTENERS = 10_000;
    static final int MOST_OF_A_LISTENER = 20;
    static final int MOST_TOLD = 200;
    private static final long LATELY = Duration.ofSeconds(10).toNanos();

    private final NewsWire wire;
    /// By whose they are, the oldest first. Guarded by itself.
    private final Map<Owner, ArrayDeque<Listener>> places = new HashMap<>();
    private int taken;
    /// Guarded by `places`.
    private final Map<TenantId, Lately> lately = new HashMap<>();
    private boolean goingDown;
    private volatile boolean running;

    /// What a tenant was told lately, the oldest first.
    private static final class Lately {
        private record Told(long at, Set<String> numbers) {}

        private final ArrayDeque<Told> told = new ArrayDeque<>();
        /// The newest of those for which there was no room.
        private Optional<Told> dropped = Optional.empty();

        private static boolean isOld(Told one, long now) {
            return now - one.at > LATELY;
        }

        void add(Set<String> numbers) {
            long now = System.nanoTime();
            while (!told.isEmpty() && isOld(told.getFirst(), now)) {
                told.removeFirst();
            }
            if (told.size() == MOST_TOLD) {
                dropped = Optional.of(told.removeFirst());
            }
            told.addLast(new Told(now, numbers));
        }

        Set<String> numbers() {
            long now = System.nanoTime();
            return dropped.filter(one -> !isOld(one, now)).isPresent() ? Set.of(ANYTHING)
                    : told.stream().filter(one -> !isOld(one, now)).flatMap(one -> one.numbers.stream()).collect(Collectors.toSet());
        }
    }

    private record Owner(TenantId tenant, String name) {}

    News(NewsWire wire, RecordState state) {
        this.wire = wire;
        wire.deliverTo((tenant, numbers) -> {
            tenant.ifPresent(state::appendedElsewhere);
            tell(tenant, numbers);
        });
    }

    @Override
    public void start() {
        synchronized (places) {
            goingDown = false;
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        synchronized (places) {
            goingDown = true;
            places.values().forEach(mine -> mine.forEach(Listener::end));
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// One place at the counter.
    public final class Listener implements AutoCloseable {
        private final Owner owner;
        private final TreeSet<String> pending = new TreeSet<>();
        private boolean ended;

        private Listener(Owner owner) {
            this.owner = owner;
        }

        /// Whether the place was given to another since, or the portal goes down.
        public synchronized boolean ended() {
            return ended;
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        /// The numbers since the last call, each once; waits at most `millis` for the first, and is empty when none came.
        public synchronized Set<String> await(long millis) throws InterruptedException {
            long end = System.nanoTime() + millis * 1_000_000;
            while (pending.isEmpty() && !ended) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return Set.of();
                }
                wait(left);
            }
            Set<String> told = Set.copyOf(pending);
            pending.clear();
            return told;
        }

        private synchronized void tell(Set<String> numbers) {
            pending.addAll(numbers);
            // Whoever is that far behind reads everything anew.
            if (pending.size() > 200) {
                pending.clear();
                pending.add(ANYTHING);
            }
            notifyAll();
        }

        /// Whoever waits at it goes at once.
        @Override
        public void close() {
            end();
            release(this);
        }
    }

    /// A place from now on; empty when there is none left, and when the portal goes down. Close it. Whoever has `MOST_OF_A_LISTENER` already gives up the oldest:
    /// pages that were left are noticed late.
    public Optional<Listener> listen(TenantId tenant, String name) {
        Owner owner = new Owner(tenant, name);
        Listener listener = new Listener(owner);
        synchronized (places) {
            if (goingDown) {
                return Optional.empty();
            }
            ArrayDeque<Listener> mine = places.getOrDefault(owner, new ArrayDeque<>());
            if (mine.size() >= MOST_OF_A_LISTENER) {
                mine.removeFirst().end();
            } else if (taken >= MOST_LISTENERS) {
                return Optional.empty();
            } else {
                taken++;
            }
            mine.addLast(listener);
            places.put(owner, mine);
            Optional.ofNullable(lately.get(tenant)).map(Lately::numbers).filter(numbers -> !numbers.isEmpty()).ifPresent(listener::tell);
        }
        return Optional.of(listener);
    }

    int places(TenantId tenant, String name) {
        synchronized (places) {
            return places.getOrDefault(new Owner(tenant, name), new ArrayDeque<>()).size();
        }
    }

    private void release(Listener listener) {
        synchronized (places) {
            ArrayDeque<Listener> mine = places.getOrDefault(listener.owner, new ArrayDeque<>());
            if (mine.remove(listener)) {
                taken--;
            }
            if (mine.isEmpty()) {
                places.remove(listener.owner);
            }
        }
    }

    /// Tells it once the present transaction is committed.
    void afterCommit(TenantId tenant, Set<String> numbers) {
        if (numbers.isEmpty()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                tell(Optional.of(tenant), numbers);
                wire.send(tenant, numbers);
            }
        });
    }

    /// No tenant: all of them.
    private void tell(Optional<TenantId> tenant, Set<String> numbers) {
        List<Listener> told = new ArrayList<>();
        synchronized (places) {
            tenant.ifPresent(known -> lately.computeIfAbsent(known, _ -> new Lately()).add(numbers));
            places.forEach((owner, mine) -> {
                if (tenant.isEmpty() || tenant.get().equals(owner.tenant())) {
                    told.addAll(mine);
                }
            });
        }
        told.forEach(listener -> listener.tell(numbers));
    }
}
