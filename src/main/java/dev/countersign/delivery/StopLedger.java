package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The stops of the current tenant, as they are written down. Every method joins the caller's transaction.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class StopLedger {
    private static final String COLUMNS = """
            select s.number, s.cluster_id, s.cluster_name, s.namespace, s.workload, s.made_as, s.reason, s.at, s.actor_kind, s.actor_id, s.actor_name,
                   r.reason as release_reason, r.at as released_at, r.actor_kind as releaser_kind, r.actor_id as releaser_id, r.actor_name as releaser_name
            from delivery_stop s
            left join delivery_stop_release r on r.tenant_id = s.tenant_id and r.stop_number = s.number
            where s.tenant_id = :tenant
            """;

    private final JdbcClient jdbc;

    StopLedger(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Those that hold in the cluster, the whole cluster's first.
    public List<DeliveryStop> holding(UUID cluster) {
        return jdbc.sql(COLUMNS + """
                          and s.cluster_id = :cluster
                          and r.stop_number is null
                        order by s.workload is not null, s.number""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .query(StopLedger::stop)
                .list();
    }

    /// Those of these clusters in which any holds.
    public Set<UUID> held(Collection<UUID> clusters) {
        return Set.copyOf(jdbc.sql("""
                        select distinct s.cluster_id
                        from delivery_stop s
                        where s.tenant_id = :tenant
                          and s.cluster_id = any (:clusters)
                          and not exists (select from delivery_stop_release r where (r.tenant_id, r.stop_number) = (s.tenant_id, s.number))""")
                .param("tenant", CurrentTenant.require().value())
                .param("clusters", clusters.toArray(UUID[]::new))
                .query(UUID.class)
                .list());
    }

    /// The stop that holds deliveries to the workload, the whole cluster's before its own.
    public Optional<DeliveryStop> over(UUID cluster, String namespace, String workload) {
        return holding(cluster).stream().filter(stop -> stop.covers(namespace, workload)).findFirst();
    }

    /// At most `limit` with a number below `before`, newest first; of one cluster, and only those that hold or were released, where that
    /// is given.
    public List<DeliveryStop> list(Optional<UUID> cluster, Optional<Boolean> holding, long before, int limit) {
        return jdbc.sql(COLUMNS + """
                          and s.number < :before
                          and (:cluster::uuid is null or s.cluster_id = :cluster::uuid)
                          and (:holding::boolean is null or (r.stop_number is null) = :holding::boolean)
                        order by s.number desc
                        limit :limit""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.orElse(null))
                .param("holding", holding.orElse(null))
                .param("before", before)
                .param("limit", limit)
                .query(StopLedger::stop)
                .list();
    }

    public Optional<DeliveryStop> find(long number) {
        return jdbc.sql(COLUMNS + " and s.number = :number")
                .param("tenant", CurrentTenant.require().value())
                .param("number", number)
                .query(StopLedger::stop)
                .optional();
    }

    /// Writes a stop under the next number; the lock on numbers is held until the transaction ends.
    public long write(ClusterRef cluster, Optional<DeliveryStop.Held> workload, DeliveryStop.MadeAs madeAs, Actor by, String reason) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('delivery stop ' || :tenant, 0))")
                .param("tenant", CurrentTenant.require().toString())
                .query((row, number) -> true)
                .single();
        return jdbc.sql("""
                        insert into delivery_stop (tenant_id, number, cluster_id, cluster_name, namespace, workload, made_as, reason, actor_kind, actor_id, actor_name)
                        select :tenant, coalesce(max(number), 0) + 1, :cluster, :name, :namespace, :workload, :madeAs, :reason, :kind, :id, :actor
                        from delivery_stop
                        where tenant_id = :tenant
                        returning number""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.id())
                .param("name", cluster.name())
                .param("namespace", workload.map(DeliveryStop.Held::namespace).orElse(null))
                .param("workload", workload.map(DeliveryStop.Held::workload).orElse(null))
                .param("madeAs", madeAs.name())
                .param("reason", reason)
                .param("kind", by.kind().name())
                .param("id", by.id())
                .param("actor", by.name())
                .query(Long.class)
                .single();
    }

    /// False where somebody else released it in this moment: that release stands.
    public boolean release(long number, Actor by, String reason) {
        return jdbc.sql("""
                        insert into delivery_stop_release (tenant_id, stop_number, reason, actor_kind, actor_id, actor_name)
                        values (?, ?, ?, ?, ?, ?)
                        on conflict on constraint delivery_stop_release_pk do nothing""")
                .params(CurrentTenant.require().value(), number, reason, by.kind().name(), by.id(), by.name())
                .update() == 1;
    }

    /// Takes what a stop covers out of the hands of couriers: what they are just about to write, they no longer may. It is due at
    /// once and judged anew. The rows stay locked until the transaction ends, so that nothing is confirmed meanwhile.
    public void recall(DeliveryStop stop) {
        jdbc.sql("""
                        update policy_object
                        set fence = fence + 1,
                            due_at = case when lease_until is not null then now() else due_at end,
                            lease_until = null
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and (:workload::text is null or (namespace = :namespace::text and workload = :workload::text))""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", stop.cluster().id())
                .param("namespace", stop.workload().map(DeliveryStop.Held::namespace).orElse(null))
                .param("workload", stop.workload().map(DeliveryStop.Held::workload).orElse(null))
                .update();
        // Whoever is about to push asks for the claim once more first.
        jdbc.sql("""
                        update delivery_repository
                        set fence = fence + 1,
                            lease_until = null,
                            look_at = now()
                        where (tenant_id, cluster_id) = (?, ?)""")
                .params(CurrentTenant.require().value(), stop.cluster().id())
                .update();
    }

    /// What waited for the release, and what may say other words from now on, is due. What couriers have in their hands they judged
    /// under the stop: it is taken out of them and judged anew, or it would come back as held and wait for a release that was.
    public void due(DeliveryStop stop) {
        jdbc.sql("""
                        update policy_object
                        set due_at = now(),
                            attempts = 0,
                            fence = case when lease_until is null then fence else fence + 1 end,
                            lease_until = null
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and (:workload::text is null or (namespace = :namespace::text and workload = :workload::text))
                          and (state in ('WAITING', 'DRIFTED') and due_at is null or lease_until is not null)""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", stop.cluster().id())
                .param("namespace", stop.workload().map(DeliveryStop.Held::namespace).orElse(null))
                .param("workload", stop.workload().map(DeliveryStop.Held::workload).orElse(null))
                .update();
    }

    private static DeliveryStop stop(ResultSet row, int number) throws SQLException {
        String workload = row.getString("workload");
        OffsetDateTime released = row.getObject("released_at", OffsetDateTime.class);
        return new DeliveryStop(row.getLong("number"), new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster_name")),
                workload == null ? Optional.empty() : Optional.of(new DeliveryStop.Held(row.getString("namespace"), workload)),
                DeliveryStop.MadeAs.valueOf(row.getString("made_as")), row.getString("reason"), actor(row, "actor"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                released == null ? Optional.empty()
                        : Optional.of(new DeliveryStop.Release(actor(row, "releaser"), released.toInstant(), row.getString("release_reason"))));
    }

    private static Actor actor(ResultSet row, String which) throws SQLException {
        return new Actor(Actor.Kind.valueOf(row.getString(which + "_kind")), row.getString(which + "_id"), row.getString(which + "_name"));
    }
}
