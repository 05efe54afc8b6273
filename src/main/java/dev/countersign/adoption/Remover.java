package dev.countersign.adoption;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ClusterView;
import dev.countersign.clusters.DeleteOutcome;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryState;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Takes one step of a removal: looks at what the portal granted and delivered, then at what the cluster holds, and deletes the
/// adopted object only where everything is as the approvers were shown. Call it within a tenant, outside a transaction.
///
/// - Our policy first: the cluster confirmed it with every rule of the adoption, by grants that are active.
/// - The object must be the one that was adopted: the same uid and the same resourceVersion. Any other is never deleted.
/// - Without it, and with all else that the cluster holds at this moment, exactly the same calls must pass.
/// - What is deleted is on the record before it is.
/// - Nothing is deleted from a cluster that gets its policies from a Git repository: who removes it there is awaited.
@Component
class Remover {
    /// What the record can hold in one entry, with room for what stands around it.
    private static final int MOST_CHARACTERS = 900_000;

    private final Tenants tenants;
    private final ClusterRegistry registry;
    private final MeshCatalog catalog;
    private final GrantLedger grants;
    private final DeliveryBoard deliveries;
    private final AdoptionProof proofs;
    private final RemovalLedger ledger;
    private final ModeDesk modes;

    Remover(Tenants tenants, ClusterRegistry registry, MeshCatalog catalog, GrantLedger grants, DeliveryBoard deliveries, AdoptionProof proofs, RemovalLedger ledger, ModeDesk modes) {
        this.modes = modes;
        this.tenants = tenants;
        this.registry = registry;
        this.catalog = catalog;
        this.grants = grants;
        this.deliveries = deliveries;
        this.proofs = proofs;
        this.ledger = ledger;
    }

    /// What is known here before the cluster is asked. `unready`: why nothing is removed yet, or ever.
    private record Start(Optional<ClusterConnection> connection, Optional<ClusterView> registered, Optional<CatalogWorkload> workload, String rootNamespace,
            List<Long> grants, Optional<RemovalReceipt> unready) {}

    RemovalReceipt remove(Removal removal) {
        Start start = tenants.inTenant(CurrentTenant.require(), () -> start(removal.adoption()));
        if (start.connection().isEmpty() || start.registered().isEmpty()) {
            return RemovalReceipt.Postponed.because("The cluster is not registered at present.", "Register it again.");
        }
        if (start.unready().isPresent() && !removal.begun()) {
            return start.unready().get();
        }
        ClusterConnection connection = start.connection().get();
        Optional<ClusterTrouble> stranger = registry.checkIdentity(connection, start.registered().get().uid());
        if (stranger.isPresent()) {
            return postponed(stranger.get());
        }
        return removal.begun() ? resume(removal, start, connection) : look(removal, start, connection);
    }

    /// It was being removed when somebody stopped: perhaps before the cluster was asked, perhaps after it had answered.
    private RemovalReceipt resume(Removal removal, Start start, ClusterConnection connection) {
        Adoption adoption = removal.adoption();
        return switch (connection.read(ApiResource.AUTHORIZATION_POLICIES, adoption.namespace(), adoption.name())) {
            case ReadOutcome.Absent() -> new RemovalReceipt.Removed();
            // Another object of that name: the adopted one is gone, and this one is nobody's business here.
            case ReadOutcome.Found(ClusterObject found) when !found.uid().equals(adoption.version().uid()) -> new RemovalReceipt.Removed();
            case ReadOutcome.Found ignored -> start.unready().orElseGet(() -> look(removal, start, connection));
            case ClusterTrouble trouble -> postponed(trouble);
        };
    }

    private RemovalReceipt look(Removal removal, Start start, ClusterConnection connection) {
        List<ClusterObject> live = new ArrayList<>();
        for (String namespace : new LinkedHashSet<>(List.of(removal.adoption().namespace(), start.rootNamespace()))) {
            if (connection.list(ApiResource.AUTHORIZATION_POLICIES, Optional.of(namespace), live::add) instanceof ClusterTrouble trouble) {
                return postponed(trouble);
            }
        }
        return live.stream()
                .filter(object -> object.namespace().equals(removal.adoption().namespace()) && object.name().equals(removal.adoption().name()))
                .findFirst()
                .map(foreign -> remove(removal, start, connection, live, foreign))
                .orElseGet(RemovalReceipt.Removed::new);
    }

    private Start start(Adoption adoption) {
        UUID cluster = adoption.cluster().id();
        Optional<CatalogWorkload> workload = catalog.workload(new WorkloadKey(cluster, adoption.namespace(), adoption.workload()));
        List<Long> active = new ArrayList<>();
        Optional<RemovalReceipt> unready = workload.isEmpty()
                ? Optional.of(RemovalReceipt.Postponed.because("The service " + adoption.workload() + " does not run at present.", "Deploy it. It is tried again."))
                : Optional.empty();
        for (long request : adoption.requests()) {
            for (Grant grant : grants.ofRequest(request)) {
                active.add(grant.number());
                if (!grant.state().stands()) {
                    unready = Optional.of(ended(adoption, request, grant.number()));
                } else if (grant.state() == GrantState.SUSPENDED && unready.isEmpty()) {
                    unready = Optional.of(RemovalReceipt.Postponed.because("Grant " + grant.number() + " of request " + request + " is suspended: to remove the policy would cut what was adopted.",
                            "Lift suspension " + grant.suspension().orElseThrow() + ". It is tried again."));
                }
            }
            Optional<RemovalReceipt> undelivered = undelivered(adoption, request);
            unready = unready.or(() -> undelivered);
        }
        return new Start(registry.connection(cluster), registry.find(cluster), workload, catalog.mesh(cluster).rootNamespace(), active, unready);
    }

    private static RemovalReceipt ended(Adoption adoption, long request, long grant) {
        return new RemovalReceipt.Stopped("Grant " + grant + " of request " + request + " has ended, so the policy " + adoption.inCluster()
                + " is not removed: that would cut what was adopted. It goes on allowing what it always did.",
                "Remove it from the cluster by hand if what it allows is to end, or propose its adoption anew.");
    }

    private Optional<RemovalReceipt> undelivered(Adoption adoption, long request) {
        Optional<DeliveryBoard.Standing> standing = deliveries.forRequest(request).stream()
                .filter(one -> one.cluster().id().equals(adoption.cluster().id()))
                .findFirst();
        if (standing.filter(one -> one.state() == DeliveryState.APPLIED && one.appliedRevision().equals(Optional.of(one.desiredRevision()))).isPresent()) {
            return Optional.empty();
        }
        String words = standing.map(DeliveryBoard.Standing::words).filter(said -> !said.isEmpty()).map(said -> ": " + said).orElse(".");
        return Optional.of(RemovalReceipt.Postponed.because("Our policy with its rules is not in the cluster yet" + words,
                standing.map(DeliveryBoard.Standing::advice).orElse("")));
    }

    private RemovalReceipt remove(Removal removal, Start start, ClusterConnection connection, List<ClusterObject> live, ClusterObject foreign) {
        if (!foreign.version().equals(removal.adoption().version())) {
            return changed(removal.adoption());
        }
        if (Adoptions.JSON.writeValueAsString(foreign.tree()).length() > MOST_CHARACTERS) {
            return new RemovalReceipt.Stopped("The policy is larger than an entry of the record, which must hold the whole of it before it is removed.",
                    "Remove it from the cluster by hand: its rules are in ours.");
        }
        Proof proof = proofs.removing(start.workload().orElseThrow(), live, foreign);
        if (!proof.holds()) {
            return RemovalReceipt.Postponed.because("It is not removed, for with what the cluster holds now it is not proven that nothing changes: " + proof.why() + ".",
                    "Look at the policies of the service. It is tried again.");
        }
        Optional<Boolean> begun = tenants.inTenant(CurrentTenant.require(), () -> modes.writesDirectly(removal.adoption().cluster().id())
                ? Optional.of(ledger.begin(removal, foreign, start.grants()))
                : Optional.empty());
        if (begun.isEmpty()) {
            return RemovalReceipt.Postponed.because("Cluster " + removal.adoption().cluster().name() + " gets its policies from a Git repository, so the portal removes nothing from it.",
                    "Remove the policy where it comes from; that is seen within a minute.");
        }
        if (!begun.get()) {
            return RemovalReceipt.Postponed.because("another replica has taken over", "Nothing has to be done.");
        }
        DeleteOutcome outcome = connection.delete(ApiResource.AUTHORIZATION_POLICIES, foreign.namespace(), foreign.name(), foreign.version());
        return switch (outcome) {
            case DeleteOutcome.Deleted _, DeleteOutcome.AlreadyGone _ -> readBack(connection, foreign);
            case ApplyOutcome.Stale _ -> changed(removal.adoption());
            case ClusterTrouble trouble -> postponed(trouble);
        };
    }

    private static RemovalReceipt readBack(ClusterConnection connection, ClusterObject foreign) {
        return switch (connection.read(ApiResource.AUTHORIZATION_POLICIES, foreign.namespace(), foreign.name())) {
            case ReadOutcome.Absent() -> new RemovalReceipt.Removed();
            case ReadOutcome.Found(ClusterObject found) when !found.uid().equals(foreign.uid()) -> new RemovalReceipt.Removed();
            case ReadOutcome.Found ignored -> RemovalReceipt.Postponed.because("The cluster has taken the deletion and still holds the object.",
                    "Something in the cluster has to let go of it first (its finalizers).");
            case ClusterTrouble trouble -> postponed(trouble);
        };
    }

    private static RemovalReceipt changed(Adoption adoption) {
        return new RemovalReceipt.Stopped("The policy " + adoption.inCluster() + " in cluster " + adoption.cluster().name()
                + " was changed after it was adopted, so it is not what was decided on, and nothing was deleted. Both policies are in force.",
                "Look at the policy as it is now, and propose its adoption anew, or remove it from the cluster by hand.");
    }

    private static RemovalReceipt postponed(ClusterTrouble trouble) {
        Optional<Duration> retryAfter = trouble instanceof ClusterTrouble.Unreachable(String ignored, Optional<Duration> wish) ? wish : Optional.empty();
        return new RemovalReceipt.Postponed(trouble.words(), trouble.advice(), retryAfter);
    }
}
