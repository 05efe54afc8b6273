package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.delivery.DeliveryStop.MadeAs;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.tenancy.CurrentTenant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Stops deliveries to a workload or to a whole cluster by one decision, and lets them go on by another. Submitting and approving
/// go on meanwhile; what is approved waits.
///
/// - A workload: security, and the team that owns it. A cluster: security and administrators.
/// - Released by security, or by the right it was stopped by: an owner does not undo security's word.
///
/// The decision, its entry in the record and the plan that follows from it are one transaction: from its end on no courier writes
/// anything that opens. A write that was on its way to the cluster in that very moment cannot be called back; the next courier
/// reads what the cluster holds and closes it again.
@Service
public class StopDesk {
    private static final int MOST_REASON = 4_000;

    private final StopLedger ledger;
    private final MeshCatalog catalog;
    private final Planner planner;
    private final AuditLog audit;
    private final JdbcClient jdbc;

    StopDesk(StopLedger ledger, MeshCatalog catalog, Planner planner, AuditLog audit, JdbcClient jdbc) {
        this.ledger = ledger;
        this.catalog = catalog;
        this.planner = planner;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    /// Holds deliveries to the workload, or to the whole cluster where there is none.
    @Transactional
    public Stopping stop(CurrentPerson me, String clusterName, Optional<Held> workload, String words) {
        Optional<ClusterRef> found = catalog.cluster(clusterName);
        if (found.isEmpty()) {
            return new Stopping.Unknown("cluster " + clusterName);
        }
        ClusterRef cluster = found.get();
        Optional<CatalogWorkload> known = workload.flatMap(held -> workload(cluster, held));
        if (workload.isPresent() && known.isEmpty()) {
            return new Stopping.Unknown("service of that name");
        }
        Optional<MadeAs> right = right(me, known);
        if (right.isEmpty()) {
            return new Stopping.NotYours(known.isPresent()
                    ? "Security and the team that owns " + known.get().name() + " stop its deliveries. Ask one of them."
                    : "Security and administrators stop the deliveries of a cluster. Ask one of them.");
        }
        if (!me.mayUse(Scope.REVIEW)) {
            return new Stopping.NotYours("This token lacks the scope review. Use one that has it.");
        }
        String reason = words.strip();
        if (!fits(reason)) {
            return new Stopping.ReasonNeeded("Say in 1 to 4,000 characters why; everyone who waits reads your words, and the record keeps them.");
        }
        planner.alone();
        Optional<DeliveryStop> before = ledger.holding(cluster.id()).stream().filter(stop -> stop.workload().equals(workload)).findFirst();
        if (before.isPresent()) {
            return new Stopping.Already(before.get().number(), "Nothing has to be done: it is " + before.get().words());
        }
        DeliveryStop stop = ledger.find(ledger.write(cluster, workload, right.get(), me.actor(), reason)).orElseThrow();
        ledger.recall(stop);
        planner.plan(cluster.id());
        wake();
        audit.append(new AuditEvent("delivery.stopped", me.actor(), subject(stop), "stopped deliveries of " + stop.what() + " in cluster " + cluster.name() + " (stop "
                + stop.number() + ")", new StopFact(stop.number(), cluster.id(), cluster.name(), workload.map(Held::namespace), workload.map(Held::workload),
                right.get(), reason)));
        return new Stopping.Stopped(stop.number());
    }

    /// Lets deliveries go on: what is granted now is delivered, whatever was granted or ended meanwhile.
    @Transactional
    public Stopping release(CurrentPerson me, long number, String words) {
        Optional<DeliveryStop> found = ledger.find(number);
        if (found.isEmpty()) {
            return new Stopping.Unknown("stop " + number);
        }
        DeliveryStop stop = found.get();
        if (!me.mayUse(Scope.REVIEW)) {
            return new Stopping.NotYours("This token lacks the scope review. Use one that has it.");
        }
        if (!mayRelease(me, stop)) {
            return new Stopping.NotYours(switch (stop.madeAs()) {
                case SECURITY -> "Security said it, and security releases it. Ask someone of security.";
                case OWNER -> "The team that owns the service, or security, releases it. Ask one of them.";
                case ADMINISTRATOR -> "An administrator or security releases it. Ask one of them.";
            });
        }
        String reason = words.strip();
        if (!fits(reason)) {
            return new Stopping.ReasonNeeded("Say in 1 to 4,000 characters why it may go on; the record keeps your words.");
        }
        planner.alone();
        if (!stop.holds() || !ledger.release(number, me.actor(), reason)) {
            return new Stopping.Already(number, "Stop " + number + " has been released already. Nothing has to be done.");
        }
        planner.plan(stop.cluster().id());
        ledger.due(stop);
        wake();
        audit.append(new AuditEvent("delivery.released", me.actor(), subject(stop), "released stop " + number + ": deliveries of " + stop.what() + " in cluster "
                + stop.cluster().name() + " go on", new ReleaseFact(number, stop.cluster().id(), stop.cluster().name(), stop.workload().map(Held::namespace),
                stop.workload().map(Held::workload), reason)));
        return new Stopping.Released(number);
    }

    /// Whether this person may stop deliveries to the workload, or to the whole cluster where there is none.
    @Transactional(readOnly = true)
    public boolean mayStop(CurrentPerson me, String cluster, Optional<Held> workload) {
        Optional<CatalogWorkload> known = workload.flatMap(held -> catalog.cluster(cluster).flatMap(ref -> workload(ref, held)));
        return workload.isPresent() == known.isPresent() && right(me, known).isPresent();
    }

    @Transactional(readOnly = true)
    public boolean mayRelease(CurrentPerson me, DeliveryStop stop) {
        return me.is(Role.SECURITY) || switch (stop.madeAs()) {
            case SECURITY -> false;
            case OWNER -> stop.workload().flatMap(held -> workload(stop.cluster(), held)).map(workload -> owns(me, workload)).orElse(false);
            case ADMINISTRATOR -> me.is(Role.ADMINISTRATOR);
        };
    }

    /// The stops that hold in the cluster, the whole cluster's first.
    @Transactional(readOnly = true)
    public List<DeliveryStop> holding(UUID cluster) {
        return ledger.holding(cluster);
    }

    /// Those of them that hold the workload.
    @Transactional(readOnly = true)
    public List<DeliveryStop> holding(UUID cluster, Held workload) {
        return ledger.holding(cluster).stream().filter(stop -> stop.covers(workload.namespace(), workload.workload())).toList();
    }

    @Transactional(readOnly = true)
    public Optional<DeliveryStop> find(long number) {
        return ledger.find(number);
    }

    /// At most `limit` (1 to 101) with a number below `before`, newest first; of one cluster, and only those that hold or were released,
    /// where that is given.
    @Transactional(readOnly = true)
    public List<DeliveryStop> list(Optional<UUID> cluster, Optional<Boolean> holding, Optional<Long> before, int limit) {
        return ledger.list(cluster, holding, before.orElse(Long.MAX_VALUE), Math.clamp(limit, 1, 101));
    }

    private Optional<MadeAs> right(CurrentPerson me, Optional<CatalogWorkload> workload) {
        if (me.is(Role.SECURITY)) {
            return Optional.of(MadeAs.SECURITY);
        }
        if (workload.isPresent()) {
            return owns(me, workload.get()) ? Optional.of(MadeAs.OWNER) : Optional.empty();
        }
        return me.is(Role.ADMINISTRATOR) ? Optional.of(MadeAs.ADMINISTRATOR) : Optional.empty();
    }

    private static boolean owns(CurrentPerson me, CatalogWorkload workload) {
        return workload.owner().map(team -> me.memberOf(team.id())).orElse(false);
    }

    private Optional<CatalogWorkload> workload(ClusterRef cluster, Held held) {
        return catalog.workload(new WorkloadKey(cluster.id(), held.namespace(), held.workload()));
    }

    private static boolean fits(String reason) {
        return !reason.isEmpty() && reason.codePointCount(0, reason.length()) <= MOST_REASON;
    }

    private static Subject subject(DeliveryStop stop) {
        return stop.workload().map(held -> new Subject("workload", stop.cluster().name() + "/" + held.namespace() + "/" + held.workload()))
                .orElseGet(() -> new Subject("cluster", stop.cluster().name()));
    }

    private void wake() {
        jdbc.sql("select pg_notify(?, ?)").params(Planner.CHANNEL, CurrentTenant.require().toString()).query((row, number) -> true).single();
    }

    private record StopFact(
            long stop, UUID clusterId, String cluster, Optional<String> namespace, Optional<String> workload, MadeAs madeAs, String reason) {}

    private record ReleaseFact(long stop, UUID clusterId, String cluster, Optional<String> namespace, Optional<String> workload, String reason) {}
}
