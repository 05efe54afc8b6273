package dev.countersign.delivery;

import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ClusterView;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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
    private final Tenants tenants;
    private final Turns turns;
    private final Map<UUID, Long> believedUntil = new ConcurrentHashMap<>();

    Identities(ClusterRegistry registry, Tenants tenants, Turns turns) {
        this.registry = registry;
        this.tenants = tenants;
        this.turns = turns;
    }

    /// Why nothing may be written; empty where it may. Asks the cluster: call it outside a transaction.
    Optional<Receipt> refuse(TenantId tenant, ClusterConnection connection) {
        return refuse(tenant, connection, System::nanoTime);
    }

    Optional<Receipt> refuse(TenantId tenant, ClusterConnection connection, LongSupplier nanoTime) {
        UUID cluster = connection.cluster().id();
        // Before it is asked: whoever sleeps over the answer believes it no longer for that.
        long asked = nanoTime.getAsLong();
        Long until = believedUntil.get(cluster);
        if (until != null && asked - until < 0) {
            return Optional.empty();
        }
        Optional<ClusterView> registered = turns.take(() -> tenants.inTenant(tenant, () -> registry.find(cluster)));
        if (registered.isEmpty()) {
            return Optional.of(Receipt.unregistered());
        }
        Optional<ClusterTrouble> trouble = registry.checkIdentity(connection, registered.get().uid());
        if (trouble.isEmpty()) {
            believedUntil.put(cluster, asked + BELIEVED.toNanos());
            return Optional.empty();
        }
        return Optional.of(refusal(trouble.get()));
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
