package dev.countersign.audit;

import dev.countersign.tenancy.TenantId;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Tells whoever listens that something about a request was recorded: the request's number, and nothing else. What it is, a
/// listener asks for under their own rights.
///
/// - Only what is committed is told, and on every replica (`NewsWire`).
/// - News may be lost or come twice, never late by more than the listener's own patience: it is a reason to look, not the truth.
@Component
public class News {
    /// In place of a number: something was missed, look at everything.
    public static final String ANYTHING = "*";

    static final int MOST_LISTENERS = 10_000;
    static final int MOST_OF_A_LISTENER = 20;

    private final NewsWire wire;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

    News(NewsWire wire) {
        this.wire = wire;
        wire.deliverTo(this::tell);
    }

    /// One place at the counter. `name` is whose it is: a person takes at most `MOST_OF_A_LISTENER`.
    public final class Listener implements AutoCloseable {
        private final TenantId tenant;
        private final String name;
        private final TreeSet<String> pending = new TreeSet<>();

        private Listener(TenantId tenant, String name) {
            this.tenant = tenant;
            this.name = name;
        }

        /// The numbers since the last call, each once; waits at most `millis` for the first, and is empty when none came.
        public synchronized Set<String> await(long millis) throws InterruptedException {
            long end = System.nanoTime() + millis * 1_000_000;
            while (pending.isEmpty()) {
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

        @Override
        public void close() {
            listeners.remove(this);
        }
    }

    /// A place from now on; empty when there is none left. Close it.
    public Optional<Listener> listen(TenantId tenant, String name) {
        if (listeners.size() >= MOST_LISTENERS
                || listeners.stream().filter(other -> other.tenant.equals(tenant) && other.name.equals(name)).count() >= MOST_OF_A_LISTENER) {
            return Optional.empty();
        }
        Listener listener = new Listener(tenant, name);
        listeners.add(listener);
        return Optional.of(listener);
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
        for (Listener listener : listeners) {
            if (tenant.isEmpty() || tenant.get().equals(listener.tenant)) {
                listener.tell(numbers);
            }
        }
    }
}
