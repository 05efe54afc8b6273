package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Says "applied" of policies that go by a Git repository: only once the cluster itself shows the object, as the revision has it. An
/// object says which revision it is; that is believed only where it is that revision word for word.
///
/// - A revision between the confirmed and the newest counts too: what it granted is in force, while the rest is still awaited.
/// - An older one than the confirmed is drift, and `DriftWatch` tells of it.
/// - While a revision waits to be merged, or its file is refused, that may take days: whatever else the cluster shows meanwhile is drift
///   all the same, a deleted object above all, which leaves the service open. It stays told until the cluster shows a revision again.
/// - After a switch from direct delivery our own field manager still holds what the controller applied unchanged. A field that a later
///   revision leaves out, as the rules after the last grant, then stays in the cluster, and access with it: that is told at once.
@Component
class Confirmations {
    private final JdbcClient jdbc;
    private final MeshCatalog catalog;
    private final AuditLog audit;
    private final DeliveryLedger ledger;

    Confirmations(JdbcClient jdbc, MeshCatalog catalog, AuditLog audit, DeliveryLedger ledger) {
        this.jdbc = jdbc;
        this.catalog = catalog;
        this.audit = audit;
        this.ledger = ledger;
    }

    /// `applied`: 0 where nothing is; `uid` and `resourceVersion`: of the object when it was.
    private record Awaited(ClusterRef cluster, PolicyKey key, long desired, long applied, String state, String uid, String resourceVersion) {
        boolean mayDrift() {
            return applied > 0 && !state.equals("DRIFTED");
        }
    }

    private record Shown(long number, String yaml, List<Long> requests) {}

    /// Looks at all policies of the cluster that it has not shown as they should be. Does nothing for a cluster that is written to directly.
    @Transactional
    public void look(UUID cluster) {
        look(cluster, Optional.empty());
    }

    /// The same for one policy that the watch told of: where it is not there, it was deleted.
    @Transactional
    public void look(PolicyKey key) {
        look(key.cluster(), Optional.of(key));
    }

    private void look(UUID cluster, Optional<PolicyKey> only) {
        if (awaited(cluster, only).isEmpty()) {
            return;
        }
        audit.hold();
        List<LivePolicy> seen = only.map(key -> catalog.policy(cluster, key.namespace(), key.name()).stream().toList()).orElseGet(() -> catalog.policies(cluster));
        Map<String, LivePolicy> live = seen.stream().collect(Collectors.toMap(policy -> policy.namespace() + "/" + policy.name(), Function.identity(), (one, same) -> one));
        for (Awaited policy : awaited(cluster, only)) {
            LivePolicy found = live.get(policy.key().inCluster());
            if (found != null) {
                compare(policy, found);
            } else if (only.isPresent() && policy.mayDrift()) {
                ledger.drifted(policy.cluster(), policy.key(), "deleted", List.of());
            }
        }
    }

    private List<Awaited> awaited(UUID cluster, Optional<PolicyKey> only) {
        return jdbc.sql("""
                        select c.name as cluster_name, o.namespace, o.name, o.desired_revision, coalesce(o.applied_revision, 0) as applied_revision, o.state,
                               coalesce(o.uid, '') as uid, coalesce(o.resource_version, '') as resource_version
                        from policy_object o
                        join delivery_repository g on g.tenant_id = o.tenant_id and g.cluster_id = o.cluster_id
                        join cluster c on c.tenant_id = o.tenant_id and c.id = o.cluster_id
                        where o.tenant_id = :tenant
                          and o.cluster_id = :cluster
                          and (o.state <> 'APPLIED' or o.applied_revision is distinct from o.desired_revision)
                          and (:name::text is null or (o.namespace = :namespace::text and o.name = :name::text))
                        order by o.namespace, o.name""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespace", only.map(PolicyKey::namespace).orElse(null))
                .param("name", only.map(PolicyKey::name).orElse(null))
                .query((row, number) -> awaited(cluster, row))
                .list();
    }

    private static Awaited awaited(UUID cluster, ResultSet row) throws SQLException {
        return new Awaited(new ClusterRef(cluster, row.getString("cluster_name")), new PolicyKey(cluster, row.getString("namespace"), row.getString("name")),
                row.getLong("desired_revision"), row.getLong("applied_revision"), row.getString("state"), row.getString("uid"), row.getString("resource_version"));
    }

    private void compare(Awaited policy, LivePolicy live) {
        Optional<Shown> shown = claimed(live).filter(number -> number <= policy.desired() && number >= policy.applied()).flatMap(number -> revision(policy.key(), number))
                .filter(revision -> Errand.isAsWanted(RevisionText.policy(revision.yaml()), new ClusterObject(live.tree())));
        if (shown.isEmpty()) {
            if (!tellWhatIsKept(policy, live) && policy.mayDrift() && !DriftWatch.isBehind(live, policy.uid(), policy.resourceVersion())) {
                ledger.drifted(policy.cluster(), policy.key(), "changed", DriftWatch.foreign(live));
            }
            return;
        }
        // A file that is refused stays refused, whatever the cluster holds by other ways.
        boolean newest = shown.get().number() == policy.desired() && !policy.state().equals("REFUSED");
        if (newest || shown.get().number() > policy.applied() || policy.state().equals("DRIFTED")) {
            confirm(policy, shown.get(), live, newest);
        }
    }

    private boolean tellWhatIsKept(Awaited policy, LivePolicy live) {
        boolean kept = policy.state().equals("PUSHED") && claimed(live).equals(Optional.of(policy.desired())) && live.managers().contains(ClusterConnection.FIELD_MANAGER)
                && live.managers().size() > 1;
        if (!kept) {
            return false;
        }
        String what = "taken over in part only: it says that it is revision " + policy.desired() + " and still holds what an earlier one said";
        jdbc.sql("""
                        update policy_object
                        set state = 'DRIFTED',
                            state_since = now(),
                            drifted_at = now(),
                            words = :words,
                            advice = :advice,
                            managers = :managers
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)
                          and desired_revision = :desired
                          and state = 'PUSHED'""")
                .param("words", what)
                .param("advice", "Until then it may allow what has ended. The field manager " + ClusterConnection.FIELD_MANAGER
                        + " of before the switch kept it: replace the object by the file (kubectl replace -f), and take that manager out of managedFields (docs/repository.md).")
                .param("managers", new String[] {ClusterConnection.FIELD_MANAGER})
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", policy.key().cluster())
                .param("namespace", policy.key().namespace())
                .param("name", policy.key().name())
                .param("desired", policy.desired())
                .update();
        audit.append(new AuditEvent("policy.drifted", DeliveryFacts.DELIVERY, DeliveryFacts.subject(policy.cluster(), policy.key().namespace(), policy.key().name()),
                "found " + policy.key().inCluster() + " in cluster " + policy.cluster().name() + " " + what,
                new DeliveryFacts.Drifted(policy.cluster().id(), policy.cluster().name(), policy.key().namespace(), policy.key().name(), what, live.managers())));
        return true;
    }

    /// The revision that the object says it is.
    private static Optional<Long> claimed(LivePolicy live) {
        return live.policy().map(policy -> policy.metadata().annotations().get(CompiledPolicy.REVISION))
                .filter(text -> text != null && text.matches("[1-9][0-9]{0,17}"))
                .map(Long::valueOf);
    }

    private Optional<Shown> revision(PolicyKey key, long number) {
        return jdbc.sql("select number, yaml, request_numbers from revision where (tenant_id, cluster_id, namespace, name, number) = (?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name(), number)
                .query((row, n) -> new Shown(row.getLong(1), row.getString(2), Arrays.asList((Long[]) row.getArray(3).getArray())))
                .optional();
    }

    /// What drifted and is right again while a newer revision is awaited is decided on anew.
    private void confirm(Awaited policy, Shown shown, LivePolicy live, boolean newest) {
        boolean news = shown.number() != policy.applied();
        int updated = jdbc.sql("""
                        update policy_object
                        set state = case when :newest then 'APPLIED' when state = 'DRIFTED' then 'WAITING' else state end,
                            state_since = case when :newest or state = 'DRIFTED' then now() else state_since end,
                            words = case when :newest or state = 'DRIFTED' then '' else words end,
                            advice = case when :newest or state = 'DRIFTED' then '' else advice end,
                            managers = case when :newest or state = 'DRIFTED' then '{}' else managers end,
                            due_at = case when not :newest and state = 'DRIFTED' then now() else due_at end,
                            applied_revision = :revision,
                            applied_at = case when applied_revision = :revision then applied_at else now() end,
                            uid = :uid,
                            resource_version = :resourceVersion
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)
                          and desired_revision = :desired""")
                .param("newest", newest)
                .param("revision", shown.number())
                .param("uid", live.uid())
                .param("resourceVersion", live.resourceVersion())
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", policy.key().cluster())
                .param("namespace", policy.key().namespace())
                .param("name", policy.key().name())
                .param("desired", policy.desired())
                .update();
        if (updated == 0 || !news && !policy.state().equals("DRIFTED")) {
            return;
        }
        jdbc.sql("insert into delivery_attempt (tenant_id, cluster_id, namespace, name, revision, outcome, words) values (?, ?, ?, ?, ?, 'APPLIED', ?)")
                .params(CurrentTenant.require().value(), policy.key().cluster(), policy.key().namespace(), policy.key().name(), shown.number(), "the cluster shows it")
                .update();
        audit.append(new AuditEvent("policy.applied", DeliveryFacts.DELIVERY, DeliveryFacts.subject(policy.cluster(), policy.key().namespace(), policy.key().name()),
                "saw " + policy.key().inCluster() + (news ? " at revision " : " right again at revision ") + shown.number() + " in cluster " + policy.cluster().name()
                        + DeliveryFacts.forRequests(shown.requests()),
                new DeliveryFacts.Applied(policy.cluster().id(), policy.cluster().name(), policy.key().namespace(), policy.key().name(), shown.number(), shown.requests(), "SEEN",
                        live.uid(), live.resourceVersion(), new ClusterObject(live.tree()).generation(), live.managers())).aboutRequests(shown.requests()));
    }
}
