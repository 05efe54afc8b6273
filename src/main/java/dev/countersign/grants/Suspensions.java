package dev.countersign.grants;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.grants.Suspension.MadeAs;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The one pen of suspensions, and how they are read. Who may, and whether what is suspended is what was shown, is for
/// the desk to say that decides. Each change, its entry in the record and its event are one transaction: the caller's.
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class Suspensions {
    private static final String COLUMNS = """
            select s.number, s.cluster_id, s.cluster_name, s.namespace, s.workload, s.policy, s.from_revision, s.to_revision, s.made_as, s.reason, s.at,
                   s.actor_kind, s.actor_id, s.actor_name,
                   r.reason as resumed_reason, r.at as resumed_at, r.actor_kind as resumer_kind, r.actor_id as resumer_id, r.actor_name as resumer_name,
                   d.grants, d.standing
            from suspension s
            left join resumption r on r.tenant_id = s.tenant_id and r.suspension_number = s.number
            cross join lateral (
                select coalesce(array_agg(g.number order by g.number), array[]::bigint[]) as grants,
                       coalesce(array_agg(g.number order by g.number) filter (where e.grant_id is null and (g.ends_at is null or g.ends_at > now())),
                                array[]::bigint[]) as standing
                from suspended_grant d
                join access_grant g on g.tenant_id = d.tenant_id and g.id = d.grant_id
                left join grant_end e on e.tenant_id = d.tenant_id and e.grant_id = d.grant_id
                where d.tenant_id = s.tenant_id
                  and d.suspension_number = s.number) d
            where s.tenant_id = :tenant
            """;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;

    Suspensions(JdbcClient jdbc, AuditLog audit, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.events = events;
    }

    /// What is decided: which policy goes back from where to where, by which right, and why.
    public record Decision(ClusterRef cluster, TargetWorkload target, String policy, long from, long to, MadeAs madeAs, Actor by, String reason) {}

    /// Keeps the ends of the workload's grants out until the transaction ends. To be called before the record is held, as those who
    /// end a grant take the grant first.
    public void lock(UUID cluster, String namespace, String workload) {
        jdbc.sql("""
                        select g.number
                        from access_grant g
                        left join grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id
                        where g.tenant_id = :tenant
                          and g.cluster_id = :cluster
                          and g.namespace = :namespace
                          and g.workload = :workload
                          and e.grant_id is null
                        order by g.number
                        for update of g""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .query((row, number) -> row.getLong(1))
                .list();
    }

    /// Takes these active grants out until the suspension is lifted; returns its number. They were locked and looked at.
    public long suspend(Decision decision, List<Grant> grants) {
        if (grants.isEmpty() || grants.stream().anyMatch(grant -> grant.state() != GrantState.ACTIVE)) {
            throw new IllegalStateException("only active grants are suspended: " + grants.stream().map(Grant::number).toList());
        }
        long number = write(decision);
        grants.forEach(grant -> jdbc.sql("insert into suspended_grant (tenant_id, grant_id, suspension_number) values (?, ?, ?)")
                .params(CurrentTenant.require().value(), grant.id(), number)
                .update());
        audit.append(new AuditEvent("grants.suspended", decision.by(), subject(decision.cluster(), decision.target().namespace(), decision.policy()),
                "rolled " + decision.target().namespace() + "/" + decision.policy() + " in cluster " + decision.cluster().name() + " back to revision " + decision.to()
                        + ": suspended " + named(grants) + " (suspension " + number + ")",
                new Suspended(number, decision.cluster().id(), decision.cluster().name(), decision.target().namespace(), decision.policy(), decision.target().workload(),
                        decision.from(), decision.to(), decision.madeAs(), decision.reason(), grants.stream().map(Suspensions::fact).toList()),
                about(grants)));
        events.publishEvent(new GrantsChanged(decision.cluster().id(), List.of(decision.target())));
        return number;
    }

    /// Lifts a suspension: what of `grants` has not ended lets callers in again. False where somebody else lifted it in this moment.
    public boolean resume(Suspension suspension, TargetWorkload target, List<Grant> grants, Actor by, String reason) {
        boolean lifted = jdbc.sql("""
                        insert into resumption (tenant_id, suspension_number, reason, actor_kind, actor_id, actor_name)
                        values (?, ?, ?, ?, ?, ?)
                        on conflict on constraint resumption_pk do nothing""")
                .params(CurrentTenant.require().value(), suspension.number(), reason, by.kind().name(), by.id(), by.name())
                .update() == 1;
        if (lifted) {
            audit.append(new AuditEvent("grants.resumed", by, subject(suspension.cluster(), suspension.namespace(), suspension.policy()),
                    "lifted suspension " + suspension.number() + ": " + named(grants) + " let callers of " + suspension.workload() + " in cluster "
                            + suspension.cluster().name() + " in again",
                    new Resumed(suspension.number(), suspension.cluster().id(), suspension.cluster().name(), suspension.namespace(), suspension.policy(),
                            suspension.workload(), reason, grants.stream().map(Suspensions::fact).toList()),
                    about(grants)));
            events.publishEvent(new GrantsChanged(suspension.cluster().id(), List.of(target)));
        }
        return lifted;
    }

    public Optional<Suspension> find(long number) {
        return jdbc.sql(COLUMNS + " and s.number = :number")
                .param("tenant", CurrentTenant.require().value())
                .param("number", number)
                .query(Suspensions::suspension)
                .optional();
    }

    /// Those that keep grants of the workload out, newest first.
    public List<Suspension> holding(UUID cluster, String namespace, String workload) {
        return jdbc.sql(COLUMNS + """
                          and s.cluster_id = :cluster
                          and s.namespace = :namespace
                          and s.workload = :workload
                          and r.suspension_number is null
                          and cardinality(d.standing) > 0
                        order by s.number desc""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .query(Suspensions::suspension)
                .list();
    }

    /// At most `limit` (1 to 101) with a number below `before`, newest first; of one cluster, and only those that keep grants out or no
    /// longer do, where that is given.
    public List<Suspension> list(Optional<UUID> cluster, Optional<Boolean> holding, Optional<Long> before, int limit) {
        return jdbc.sql(COLUMNS + """
                          and s.number < :before
                          and (:cluster::uuid is null or s.cluster_id = :cluster::uuid)
                          and (:holding::boolean is null or (r.suspension_number is null and cardinality(d.standing) > 0) = :holding::boolean)
                        order by s.number desc
                        limit :limit""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.orElse(null))
                .param("holding", holding.orElse(null))
                .param("before", before.orElse(Long.MAX_VALUE))
                .param("limit", Math.clamp(limit, 1, 101))
                .query(Suspensions::suspension)
                .list();
    }

    /// Under the next number; the lock on numbers is held until the transaction ends.
    private long write(Decision decision) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('suspension ' || :tenant, 0))")
                .param("tenant", CurrentTenant.require().toString())
                .query((row, number) -> true)
                .single();
        return jdbc.sql("""
                        insert into suspension (tenant_id, number, cluster_id, cluster_name, namespace, workload, policy, from_revision, to_revision, made_as,
                            reason, actor_kind, actor_id, actor_name)
                        select :tenant, coalesce(max(number), 0) + 1, :cluster, :name, :namespace, :workload, :policy, :from, :to, :madeAs,
                            :reason, :kind, :id, :actor
                        from suspension
                        where tenant_id = :tenant
                        returning number""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", decision.cluster().id())
                .param("name", decision.cluster().name())
                .param("namespace", decision.target().namespace())
                .param("workload", decision.target().workload())
                .param("policy", decision.policy())
                .param("from", decision.from())
                .param("to", decision.to())
                .param("madeAs", decision.madeAs().name())
                .param("reason", decision.reason())
                .param("kind", decision.by().kind().name())
                .param("id", decision.by().id())
                .param("actor", decision.by().name())
                .query(Long.class)
                .single();
    }

    private static Subject subject(ClusterRef cluster, String namespace, String policy) {
        return new Subject("policy", cluster.name() + "/" + namespace + "/" + policy);
    }

    private static List<Subject> about(List<Grant> grants) {
        return Stream.concat(grants.stream().map(grant -> new Subject("request", Long.toString(grant.requestNumber()))),
                        grants.stream().map(grant -> new Subject("grant", Long.toString(grant.number()))))
                .distinct()
                .toList();
    }

    /// "grant 7" or "grants 7, 9".
    private static String named(List<Grant> grants) {
        return (grants.size() == 1 ? "grant " : "grants ") + String.join(", ", grants.stream().map(grant -> Long.toString(grant.number())).toList());
    }

    private static GrantFact fact(Grant grant) {
        return new GrantFact(grant.id(), grant.number(), grant.requestNumber());
    }

    private static Suspension suspension(ResultSet row, int number) throws SQLException {
        OffsetDateTime resumed = row.getObject("resumed_at", OffsetDateTime.class);
        return new Suspension(row.getLong("number"), new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster_name")), row.getString("namespace"),
                row.getString("workload"), row.getString("policy"), row.getLong("from_revision"), row.getLong("to_revision"), MadeAs.valueOf(row.getString("made_as")),
                row.getString("reason"), actor(row, "actor"), row.getObject("at", OffsetDateTime.class).toInstant(), longs(row, "grants"), longs(row, "standing"),
                resumed == null ? Optional.empty() : Optional.of(new Suspension.Resumption(actor(row, "resumer"), resumed.toInstant(), row.getString("resumed_reason"))));
    }

    private static Actor actor(ResultSet row, String which) throws SQLException {
        return new Actor(Actor.Kind.valueOf(row.getString(which + "_kind")), row.getString(which + "_id"), row.getString(which + "_name"));
    }

    private static List<Long> longs(ResultSet row, String column) throws SQLException {
        return Arrays.asList((Long[]) row.getArray(column).getArray());
    }

    private record GrantFact(UUID id, long number, long request) {}

    /// `name` is the policy's, as in every entry about it.
    private record Suspended(
            long suspension, UUID clusterId, String cluster, String namespace, String name, String workload, long from, long to, MadeAs madeAs, String reason,
            List<GrantFact> grants) {}

    /// `grants`: those that let callers in again; the others had ended.
    private record Resumed(
            long suspension, UUID clusterId, String cluster, String namespace, String name, String workload, String reason, List<GrantFact> grants) {}
}
