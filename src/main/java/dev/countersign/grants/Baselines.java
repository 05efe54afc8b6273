package dev.countersign.grants;

import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.tenancy.CurrentTenant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// From the first of its grants that is let in, a workload keeps a policy for good: the baseline, which closes it to everyone else. A
/// held grant has none, and the first policy of a workload waits while it would cut what a grant of another request is to allow there
/// and is held: else whoever calls today and was approved would be refused until its wave.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class Baselines {
    private final JdbcClient jdbc;

    Baselines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// The labels are those of the newest grant.
    public void close(UUID cluster, TargetWorkload target, UUID grant) {
        jdbc.sql("""
                        insert into workload_baseline (tenant_id, cluster_id, namespace, workload, selector, first_grant_id)
                        values (:tenant, :cluster, :namespace, :workload, :selector, :grant)
                        on conflict on constraint workload_baseline_pk do update set selector = excluded.selector""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespace", target.namespace())
                .param("workload", target.workload())
                .param("selector", GrantRow.selector(target.selector()))
                .param("grant", grant)
                .update();
    }

    /// A held grant whose place has no policy yet, and which rollout and wave it is in.
    record Held(long request, int wave, long grant) {}

    /// The held grants of other requests that a first policy of these grants would cut; none where the workloads have one already.
    public List<Held> cut(Collection<UUID> grants, long request) {
        return jdbc.sql("""
                        select distinct o.request_number, r.wave, o.number
                        from access_grant g
                        join access_grant o on o.tenant_id = g.tenant_id and (o.cluster_id, o.namespace, o.workload) = (g.cluster_id, g.namespace, g.workload)
                        join rollout_grant r on r.tenant_id = o.tenant_id and r.grant_id = o.id
                        where g.tenant_id = :tenant
                          and g.id = any (:grants)
                          and o.request_number <> :request
                          and (o.ends_at is null or o.ends_at > now())
                          and not exists (select from grant_end e where e.tenant_id = o.tenant_id and e.grant_id = o.id)
                          and not exists (select from rollout_admission a where (a.tenant_id, a.request_id, a.wave) = (r.tenant_id, r.request_id, r.wave))
                          and not exists (select
                                          from workload_baseline b
                                          where (b.tenant_id, b.cluster_id, b.namespace, b.workload) = (g.tenant_id, g.cluster_id, g.namespace, g.workload))
                        order by 1, 2, 3""")
                .param("tenant", CurrentTenant.require().value())
                .param("grants", grants.toArray(UUID[]::new))
                .param("request", request)
                .query((row, number) -> new Held(row.getLong(1), row.getInt(2), row.getLong(3)))
                .list();
    }
}
