package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import java.time.Instant;
import java.util.Optional;

/// Somebody's word that holds deliveries to a workload or a cluster until it is released: what would open anything waits, what
/// only closes goes.
///
/// - `number`: counts within the tenant.
/// - `workload`: empty for the whole cluster.
/// - `by`, `madeAs`: who said it, and by which right.
public record DeliveryStop(
        long number, ClusterRef cluster, Optional<Held> workload, MadeAs madeAs, String reason, Actor by, Instant at, Optional<Release> release) {
    /// The workload whose policy is held.
    public record Held(String namespace, String workload) {}

    /// Why it holds no more.
    public record Release(Actor by, Instant at, String reason) {}

    /// By which right somebody stopped. Security may release every stop; the others only what was stopped by their own right.
    public enum MadeAs {
        SECURITY,
        OWNER,
        ADMINISTRATOR
    }

    public boolean holds() {
        return release.isEmpty();
    }

    boolean covers(String namespace, String name) {
        return workload.map(held -> held.namespace().equals(namespace) && held.workload().equals(name)).orElse(true);
    }

    /// "payment-service in production", or "everything".
    public String what() {
        return workload.map(held -> held.workload() + " in " + held.namespace()).orElse("everything");
    }

    /// "stopped by security (stop 7): we look into a leak". Kept beside policies and on the record for ever, so it names a right and
    /// no person; who it was stands with the stop.
    public String words() {
        return "stopped by " + switch (madeAs) {
            case SECURITY -> "security";
            case OWNER -> "the owning team";
            case ADMINISTRATOR -> "an administrator";
        } + " (stop " + number + "): " + reason;
    }

    /// What has to happen, for whoever waits.
    public String advice() {
        return "What opens nothing is delivered all the same. The rest goes on when " + switch (madeAs) {
            case SECURITY -> "security releases";
            case OWNER -> "the owning team or security releases";
            case ADMINISTRATOR -> "an administrator or security releases";
        } + " stop " + number + ".";
    }
}
