package dev.countersign.catalog;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.identity.TeamName;
import dev.countersign.tenancy.CurrentTenant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Which team owns which workload: said by administrators, never guessed from a cluster, since owners decide about access.
/// A namespace may have an owner for those of its workloads that have none of their own. Every change is recorded.
@Service
public class Ownership {
    private final JdbcClient jdbc;
    private final AuditLog audit;

    Ownership(JdbcClient jdbc, AuditLog audit) {
        this.jdbc = jdbc;
        this.audit = audit;
    }

    public sealed interface Outcome {
        record Set(TeamName team) implements Outcome {}

        /// Nothing changed; `reason` says what to do.
        record Refused(String reason) implements Outcome {}
    }

    /// One line of who owns what; `workload` empty for the default of a namespace.
    public record Owned(UUID cluster, String clusterName, String namespace, Optional<String> workload, TeamName team) {}

    /// The workload need not be in the catalog yet: ownership may be said before the first deployment.
    @Transactional
    public Outcome own(Actor by, WorkloadKey workload, UUID team) {
        return set(by, workload.cluster(), workload.namespace(), workload.name(), team);
    }

    @Transactional
    public Outcome ownByDefault(Actor by, UUID cluster, String namespace, UUID team) {
        return set(by, cluster, namespace, "", team);
    }

    private Outcome set(Actor by, UUID cluster, String namespace, String workload, UUID team) {
        record Place(String cluster, boolean owned) {}
        Optional<Place> place = jdbc.sql("""
                        select c.name as cluster,
                               exists (select from cluster_namespace n where n.tenant_id = c.tenant_id and n.cluster_id = c.id
                                                                         and n.namespace = :namespace) as owned
                        from cluster c where c.tenant_id = :tenant and c.id = :cluster""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .query(Place.class)
                .optional();
        Optional<TeamName> name = jdbc.sql("select id, slug, name from team where tenant_id = ? and id = ?")
                .params(tenant(), team)
                .query(TeamName.class)
                .optional();
        if (name.isEmpty()) {
            return new Outcome.Refused("There is no such team. Create it first, or choose another.");
        }
        if (place.isEmpty() || !place.get().owned()) {
            return new Outcome.Refused("The namespace " + namespace + " is not among your tenant's in this cluster. Add it to the cluster first.");
        }
        if (!workload.isEmpty() && !Observation.NAME.matcher(workload).matches()) {
            return new Outcome.Refused("This is not the name of a workload.");
        }
        jdbc.sql("""
                        insert into workload_owner (tenant_id, cluster_id, namespace, workload, team_id, set_by)
                        values (:tenant, :cluster, :namespace, :workload, :team, :by)
                        on conflict (tenant_id, cluster_id, namespace, workload)
                        do update set team_id = excluded.team_id, set_at = now(), set_by = excluded.set_by""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .param("team", team)
                .param("by", by.name())
                .update();
        String what = workload.isEmpty() ? "namespace " + namespace : namespace + "/" + workload;
        audit.append(new AuditEvent("ownership.set", by, new Subject("workload", place.get().cluster() + "/" + namespace + "/" + workload),
                "made team " + name.get().slug() + " the owner of " + what + " in cluster " + place.get().cluster(),
                new OwnerFact(cluster, namespace, workload, Optional.of(team))));
        return new Outcome.Set(name.get());
    }

    /// Takes the owner of a workload (`workload` empty: of a namespace) away; false where there was none.
    @Transactional
    public boolean disown(Actor by, UUID cluster, String namespace, Optional<String> workload) {
        int gone = jdbc.sql("delete from workload_owner where tenant_id = ? and cluster_id = ? and namespace = ? and workload = ?")
                .params(tenant(), cluster, namespace, workload.orElse(""))
                .update();
        if (gone > 0) {
            audit.append(new AuditEvent("ownership.removed", by, new Subject("workload", cluster + "/" + namespace + "/" + workload.orElse("")),
                    "took the owner of " + workload.map(name -> namespace + "/" + name).orElse("namespace " + namespace) + " away",
                    new OwnerFact(cluster, namespace, workload.orElse(""), Optional.empty())));
        }
        return gone > 0;
    }

    /// All that was said, by cluster, namespace and workload.
    @Transactional(readOnly = true)
    public List<Owned> list() {
        return jdbc.sql("""
                        select o.cluster_id, c.name as cluster, o.namespace, o.workload, t.id, t.slug, t.name
                        from workload_owner o
                        join cluster c on c.tenant_id = o.tenant_id and c.id = o.cluster_id
                        join team t on t.tenant_id = o.tenant_id and t.id = o.team_id
                        where o.tenant_id = ?
                        order by c.name, o.namespace, o.workload
                        limit 1000""")
                .param(tenant())
                .query((row, number) -> new Owned(row.getObject("cluster_id", UUID.class), row.getString("cluster"), row.getString("namespace"),
                        Optional.of(row.getString("workload")).filter(name -> !name.isEmpty()),
                        new TeamName(row.getObject("id", UUID.class), row.getString("slug"), row.getString("name"))))
                .list();
    }

    /// The teams that can own something, by name.
    @Transactional(readOnly = true)
    public List<TeamName> teams() {
        return jdbc.sql("select id, slug, name from team where tenant_id = ? order by name, slug").param(tenant()).query(TeamName.class).list();
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }

    private record OwnerFact(UUID cluster, String namespace, String workload, Optional<UUID> team) {}
}
