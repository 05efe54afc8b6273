package dev.countersign.delivery;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.LivePolicyChanged;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterChanged;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Compares every policy that changed in a cluster with the revision that the cluster had confirmed. What another hand
/// changed or deleted is recorded as drift, with the hand's name, and delivered again (not by us where the cluster gets its policies
/// from a Git repository: there the watch is also what tells that a revision has arrived). Policies that are not ours are left alone;
/// when one stands where ours was refused, a change of it is a reason to try again, and so is a change of the cluster's registration.
///
/// While a newer revision is refused, held or out of reach, the confirmed one is what protects the service: that it was deleted, or
/// changed by another hand, is told then too. What is on its way is not: the courier puts it right, and what it writes is no drift.
@Component
class DriftWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DriftWatch.class);

    private final MeshCatalog catalog;
    private final DeliveryLedger ledger;
    private final Tenants tenants;
    private final JdbcClient jdbc;
    private final DeliveryLoop loop;
    private final Confirmations confirmations;

    DriftWatch(MeshCatalog catalog, DeliveryLedger ledger, Tenants tenants, JdbcClient jdbc, DeliveryLoop loop, Confirmations confirmations) {
        this.confirmations = confirmations;
        this.catalog = catalog;
        this.ledger = ledger;
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.loop = loop;
    }

    /// `settled`: nothing newer is wanted; else `desired` is what is.
    private record Confirmed(String yaml, String desired, boolean settled, String uid, String resourceVersion) {}

    @EventListener
    void on(LivePolicyChanged change) {
        TenantId tenantId = CurrentTenant.require();
        PolicyKey key = new PolicyKey(change.cluster(), change.namespace(), change.name());
        boolean drifted = tenants.inTenant(tenantId, () -> {
            confirmations.look(key);
            Optional<Confirmed> confirmed = confirmed(key);
            if (!confirmed.map(Confirmed::settled).orElse(false)) {
                ledger.stir(key);
            }
            return confirmed.isPresent() && compare(key, confirmed.get());
        });
        if (drifted) {
            Tenant tenant = tenants.byId(tenantId).orElseThrow();
            LOG.atWarn().addKeyValue("tenant", tenant.slug()).addKeyValue("policy", key.inCluster()).log("Another hand changed a policy");
            loop.deliverDue(tenant);
        }
    }

    @EventListener
    void on(ClusterChanged change) {
        tenants.doInTenant(change.tenant(), () -> ledger.clusterChanged(change.cluster()));
        tenants.byId(change.tenant()).ifPresent(loop::deliverDue);
    }

    /// What the cluster confirmed last; empty for policies that are not ours, or are under way anyway.
    private Optional<Confirmed> confirmed(PolicyKey key) {
        return jdbc.sql("""
                        select r.yaml, d.yaml as desired, o.state = 'APPLIED' as settled, o.uid, o.resource_version
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                        join revision d on (d.tenant_id, d.cluster_id, d.namespace, d.name, d.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.desired_revision)
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (?, ?, ?, ?)
                          and (o.state = 'APPLIED' or\s""" + DeliveryLedger.STUCK + ")")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query((row, number) -> new Confirmed(row.getString("yaml"), row.getString("desired"), row.getBoolean("settled"), row.getString("uid"), row.getString("resource_version")))
                .optional();
    }

    private boolean compare(PolicyKey key, Confirmed confirmed) {
        Optional<LivePolicy> live = catalog.policy(key.cluster(), key.namespace(), key.name());
        return drift(live, RevisionText.policy(confirmed.yaml()), confirmed.uid(), confirmed.resourceVersion())
                .filter(drift -> confirmed.settled() || live.isEmpty() || !mayBeOurs(confirmed, live.get()))
                .map(drift -> ledger.drifted(cluster(key.cluster()), key, drift.what(), drift.managers()))
                .orElse(false);
    }

    private ClusterRef cluster(UUID id) {
        return catalog.clusters().stream().filter(known -> known.id().equals(id)).findFirst().orElseThrow();
    }

    /// `what` happened to it, and by whose hands as far as those show.
    record Drift(String what, List<String> managers) {}

    /// What the catalog shows that another hand did to what was confirmed as `uid` at `resourceVersion`; empty where it shows nothing.
    static Optional<Drift> drift(Optional<LivePolicy> live, AuthorizationPolicy confirmed, String uid, String resourceVersion) {
        if (live.isEmpty()) {
            return Optional.of(new Drift("deleted", List.of()));
        }
        return isBehind(live.get(), uid, resourceVersion) || Errand.isAsWanted(confirmed, new ClusterObject(live.get().tree()))
                ? Optional.empty()
                : Optional.of(new Drift("changed", foreign(live.get())));
    }

    /// A write whose answer was lost, or what the cluster made of ours.
    private static boolean mayBeOurs(Confirmed confirmed, LivePolicy live) {
        return foreign(live).isEmpty() || Errand.isAsWanted(RevisionText.policy(confirmed.desired()), new ClusterObject(live.tree()));
    }

    /// The hands that hold a part of it, but for ours.
    static List<String> foreign(LivePolicy live) {
        return live.managers().stream().filter(manager -> !manager.equals(ClusterConnection.FIELD_MANAGER)).toList();
    }

    /// The watch may be behind: an older state of the object than the one that was confirmed says nothing.
    static boolean isBehind(LivePolicy live, String uid, String resourceVersion) {
        return isOlder(live.resourceVersion(), resourceVersion) && live.uid().equals(uid);
    }

    /// Kubernetes 1.35 and newer promise that resource versions of a kind compare as numbers; older ones keep to it in fact.
    static boolean isOlder(String live, String confirmed) {
        try {
            return Long.parseUnsignedLong(live) < Long.parseUnsignedLong(confirmed);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
