package dev.countersign.audit;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.web.Problem;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// What this replica knows of each tenant's record: whether it may be written on, and whether something waits to be sealed.
/// A record that is shorter than, or other than, what was sealed is not written on until it is whole again.
@Component
public class RecordState {
    private final Map<Finding, String> stopped = new ConcurrentHashMap<>();
    /// Since when, by `System.nanoTime`.
    private final Map<TenantId, Long> unsealed = new ConcurrentHashMap<>();
    /// Of whom other replicas told since the last time that somebody asked for those, and before that.
    private Set<TenantId> heard = new HashSet<>();
    private Set<TenantId> heardBefore = new HashSet<>();

    /// Who looks at a record and stops it; only the same finds it whole again.
    private record Finding(TenantId tenant, String by) {}

    /// Why nothing is decided or delivered for the current tenant at present.
    public Optional<String> stopped() {
        TenantId tenant = CurrentTenant.require();
        return stopped.entrySet().stream()
                .filter(found -> found.getKey().tenant().equals(tenant))
                .min(Comparator.comparing(found -> found.getKey().by()))
                .map(Map.Entry::getValue);
    }

    /// Throws `Problem.Unavailable` while the current tenant's record is stopped: no record, no action.
    public void requireSound() {
        stopped().ifPresent(why -> {
            throw new Problem.Unavailable("Nothing is decided or delivered at present, because the record is not whole: " + why
                    + ". Tell the operators of the portal; they find what to do in docs/record.md.", Duration.ofSeconds(60));
        });
    }

    /// Whether that is news: the same reader had not said the same.
    boolean stop(TenantId tenant, String by, String why) {
        return !why.equals(stopped.put(new Finding(tenant, by), why));
    }

    void sound(TenantId tenant, String by) {
        stopped.remove(new Finding(tenant, by));
    }

    /// There is something to seal once the present transaction is committed.
    void unsealedAfterCommit(TenantId tenant) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                unsealed(tenant);
            }
        });
    }

    void unsealed(TenantId tenant) {
        unsealed.putIfAbsent(tenant, System.nanoTime());
    }

    /// A replica is gone that may have appended something and told nobody: the record is looked at soon, whether or not there is.
    public void replicaIsGone(TenantId tenant) {
        unsealed(tenant);
    }

    /// Another replica appended something. It will seal it, unless it dies: looked at later than what is ours.
    synchronized void appendedElsewhere(TenantId tenant) {
        heard.add(tenant);
    }

    /// What is ours, and with `ofOthers` what had been told of before that was last asked for: those that are `due`, who has waited longest
    /// first. The others keep their place.
    synchronized List<TenantId> takeUnsealed(boolean ofOthers, Predicate<TenantId> due) {
        if (ofOthers) {
            heardBefore.forEach(this::unsealed);
            heardBefore = heard;
            heard = new HashSet<>();
        }
        List<TenantId> taken = unsealed.entrySet().stream()
                .filter(waiting -> due.test(waiting.getKey()))
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
        taken.forEach(unsealed::remove);
        return taken;
    }
}
