package dev.countersign.delivery;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterTrouble;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.springframework.stereotype.Component;

/// Whether the server at the other end is still the cluster that was registered, asked before anything is written to it. An
/// answer is believed for `BELIEVED`, and not after a call that failed: within that time a cluster that took another's place
/// without breaking a connection is not noticed; nor is it by a courier that was let set off and sleeps before it writes, while nobody else
/// claims its policy.
@Component
class Identities {
    static final Duration BELIEVED = Duration.ofSeconds(5);

    private final ClusterRegistry registry;
    private final Map<UUID, Long> believedUntil = new ConcurrentHashMap<>();
    private final Map<UUID, CompletableFuture<Optional<Receipt>>> underWay = new ConcurrentHashMap<>();

    Identities(ClusterRegistry registry) {
        this.registry = registry;
    }

    /// Why nothing may be written; empty where it may. Asks the cluster, once for all who want to know at the same time: call it outside a
    /// transaction.
    Optional<Receipt> refuse(ClusterRegistry.Way way) {
        return refuse(way, System::nanoTime);
    }

    Optional<Receipt> refuse(ClusterRegistry.Way way, LongSupplier nanoTime) {
        UUID cluster = way.connection().cluster().id();
        // Before it is asked: whoever sleeps over the answer believes it no longer for that.
        long asked = nanoTime.getAsLong();
        Long until = believedUntil.get(cluster);
        if (until != null && asked - until < 0) {
            return Optional.empty();
        }
        CompletableFuture<Optional<Receipt>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<Receipt>> another = underWay.putIfAbsent(cluster, mine);
        if (another != null) {
            return another.join();
        }
        try {
            Optional<ClusterTrouble> trouble = registry.checkIdentity(way.connection(), way.uid());
            if (trouble.isEmpty()) {
                believedUntil.put(cluster, asked + BELIEVED.toNanos());
            }
            mine.complete(trouble.map(Identities::refusal));
        } catch (RuntimeException | Error broken) {
            mine.completeExceptionally(broken);
            throw broken;
        } finally {
            underWay.remove(cluster, mine);
        }
        return mine.join();
    }

    /// What a courier comes back with that was not let set off.
    static Receipt refusal(ClusterTrouble trouble) {
        return switch (trouble) {
            // The registry's word for another cluster; a server's own refusal has its status.
            case ClusterTrouble.Forbidden stranger when stranger.status() == 0 -> new Receipt.Refused("REFUSED", stranger.words(),
                    "Nothing is written to it. If the cluster was replaced, retire this registration and register the new one.", List.of(), Receipt.Again.NEVER);
            case ClusterTrouble other -> Errand.receipt(other);
        };
    }

    /// A call failed: whoever answers next may be another.
    void forget(UUID cluster) {
        believedUntil.remove(cluster);
    }
}
