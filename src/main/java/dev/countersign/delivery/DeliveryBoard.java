package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of delivery: how policies stand in their clusters, for pages and the API; and "reconcile now".
@Service
public class DeliveryBoard {
    private final JdbcClient jdbc;
    private final DeliveryLedger ledger;
    private final Planner planner;
    private final AuditLog audit;
    private final Breakers breakers;
    private final GrantLedger grants;
    private final HeldRequests held;
    private final RepositoryLedger repositories;

    DeliveryBoard(JdbcClient jdbc, DeliveryLedger ledger, Planner planner, AuditLog audit, Breakers breakers, GrantLedger grants, HeldRequests held, RepositoryLedger repositories) {
        this.repositories = repositories;
        this.held = held;
        this.grants = grants;
        this.breakers = breakers;
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.planner = planner;
        this.audit = audit;
    }

    /// How a policy stands. For a request, `revision` is the first that carries it, and the state is about that revision:
    /// APPLIED while the cluster holds it or a later one, as far as the portal knows; a newer revision that waits does not change that,
    /// another hand does. Where a stop keeps the request's grants out, it is WAITING in the stop's words, with `revision` 0 while none carries it.
    public record Standing(
            ClusterRef cluster, String namespace, String name, String workload, DeliveryState state, long revision, long desiredRevision,
            Optional<Long> appliedRevision, Optional<Instant> appliedAt, Instant since, String words, String advice, List<String> managers, int rules,
            List<Long> requests) {
        public String inCluster() {
            return namespace + "/" + name;
        }
    }

    /// The policies that carry the request, by cluster name; none before it is approved.
    @Transactional(readOnly = true)
    public List<Standing> forRequest(long number) {
        return held.beside(number, jdbc.sql("""
                        select c.id as cluster_id, c.name as cluster_name, o.namespace, o.name, o.workload,
                               case when o.applied_revision >= first.number
                                     and o.applied_revision < o.desired_revision
                                     and (o.drifted_at is null or o.drifted_at < o.applied_at) then 'APPLIED' else o.state end as state,
                               first.number as revision, o.desired_revision, o.applied_revision, o.applied_at, o.state_since, o.words, o.advice, o.managers,
                               r.rules, r.request_numbers
                        from (select cluster_id, namespace, name, min(number) as number
                              from revision
                              where tenant_id = :tenant
                                and request_numbers @> array[:number]::bigint[]
                              group by cluster_id, namespace, name) first
                        join policy_object o on o.tenant_id = :tenant and (o.cluster_id, o.namespace, o.name) = (first.cluster_id, first.namespace, first.name)
                        join revision r on r.tenant_id = :tenant and (r.cluster_id, r.namespace, r.name, r.number) = (o.cluster_id, o.namespace, o.name, o.desired_revision)
                        join cluster c on c.tenant_id = :tenant and c.id = o.cluster_id
                        order by c.name, o.namespace, o.name""")
                .param("tenant", CurrentTenant.require().value())
                .param("number", number)
                .query(DeliveryBoard::standing)
                .list());
    }

    /// Everything the portal delivers to the cluster, by namespace and name.
    @Transactional(readOnly = true)
    public List<Standing> forCluster(UUID cluster) {
        return jdbc.sql("""
                        select c.id as cluster_id, c.name as cluster_name, o.namespace, o.name, o.workload, o.state, o.desired_revision as revision,
                               o.desired_revision, o.applied_revision, o.applied_at, o.state_since, o.words, o.advice, o.managers, r.rules, r.request_numbers
                        from policy_object o
                        join revision r on r.tenant_id = o.tenant_id and (r.cluster_id, r.namespace, r.name, r.number) = (o.cluster_id, o.namespace, o.name, o.desired_revision)
                        join cluster c on c.tenant_id = o.tenant_id and c.id = o.cluster_id
                        where o.tenant_id = :tenant
                          and o.cluster_id = :cluster
                        order by o.namespace, o.name
                        limit 2000""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .query(DeliveryBoard::standing)
                .list();
    }

    /// Why the grants of a workload cannot become a policy; then what the cluster holds for it stays as it was, rules of ended grants
    /// included. Empty where they can.
    @Transactional(readOnly = true)
    public Optional<String> refusal(UUID cluster, String namespace, String workload) {
        return jdbc.sql("select message from compile_refusal where tenant_id = ? and cluster_id = ? and workload = ?")
                .params(CurrentTenant.require().value(), cluster, TargetWorkload.key(namespace, workload))
                .query(String.class)
                .optional();
    }

    /// The same for whatever the request granted and is not over, each with its cluster.
    @Transactional(readOnly = true)
    public List<String> refusalsOfRequest(long number) {
        return grants.ofRequest(number).stream()
                .filter(grant -> grant.state() == GrantState.ACTIVE)
                .flatMap(grant -> grant.targets().stream()
                        .flatMap(target -> refusal(grant.place().cluster().id(), target.namespace(), target.workload()).stream())
                        .map(message -> grant.place().cluster().name() + ": " + message))
                .distinct()
                .toList();
    }

    /// Workloads of the cluster whose grants cannot become a policy, with the reason and what to do.
    @Transactional(readOnly = true)
    public List<String> refusals(UUID cluster) {
        return jdbc.sql("select message from compile_refusal where tenant_id = ? and cluster_id = ? order by workload")
                .params(CurrentTenant.require().value(), cluster)
                .query(String.class)
                .list();
    }

    /// The requests that no cluster has confirmed yet, by `namespace/workload`: while a stop holds, those that wait for its release.
    @Transactional(readOnly = true)
    public Map<String, List<Long>> unconfirmed(UUID cluster) {
        return held.in(cluster);
    }

    /// The clusters that nothing is delivered to for now, and why.
    @Transactional(readOnly = true)
    public Map<UUID, Breaker> breakers() {
        return breakers.open();
    }

    /// A revision's exact text.
    public record RevisionText(PolicyKey key, long number, Instant createdAt, String yaml, List<Long> requests) {}

    @Transactional(readOnly = true)
    public Optional<RevisionText> revision(PolicyKey key, long number) {
        return jdbc.sql("""
                        select created_at, yaml, request_numbers
                        from revision
                        where (tenant_id, cluster_id, namespace, name, number) = (?, ?, ?, ?, ?)""")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name(), number)
                .query((row, n) -> new RevisionText(key, number, row.getObject("created_at", OffsetDateTime.class).toInstant(), row.getString("yaml"),
                        longs(row, "request_numbers")))
                .optional();
    }

    /// A revision in its policy's history.
    public record Written(long number, Instant at, int rules, List<Long> requests) {}

    /// The latest 100 revisions of a policy, newest first.
    @Transactional(readOnly = true)
    public List<Written> revisions(PolicyKey key) {
        return jdbc.sql("""
                        select number, created_at, rules, request_numbers
                        from revision
                        where (tenant_id, cluster_id, namespace, name) = (?, ?, ?, ?)
                        order by number desc
                        limit 100""")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query((row, n) -> new Written(row.getLong("number"), row.getObject("created_at", OffsetDateTime.class).toInstant(), row.getInt("rules"),
                        longs(row, "request_numbers")))
                .list();
    }

    /// One time a cluster was asked, and what it said.
    public record Attempt(long revision, Instant at, String outcome, String words) {}

    /// The latest 50 attempts at a policy, newest first.
    @Transactional(readOnly = true)
    public List<Attempt> attempts(PolicyKey key) {
        return jdbc.sql("""
                        select revision, at, outcome, words
                        from delivery_attempt
                        where (tenant_id, cluster_id, namespace, name) = (?, ?, ?, ?)
                        order by at desc, id desc
                        limit 50""")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query((row, n) -> new Attempt(row.getLong("revision"), row.getObject("at", OffsetDateTime.class).toInstant(), row.getString("outcome"), row.getString("words")))
                .list();
    }

    /// Plans the cluster anew and delivers everything now, forgetting pauses and probing a
    /// cluster whose breaker is open; its Git repository where it has one. Recorded. Returns how many policies were made due.
    @Transactional
    public int reconcile(Actor by, ClusterRef cluster) {
        audit.hold();
        planner.plan(cluster.id());
        breakers.probeNow(cluster.id());
        repositories.now(cluster.id());
        int due = ledger.due(cluster.id());
        jdbc.sql("select pg_notify(?, ?)").params(Planner.CHANNEL, CurrentTenant.require().toString()).query((row, n) -> true).single();
        audit.append(new AuditEvent("cluster.reconciled", by, new Subject("cluster", cluster.name()), "asked for cluster " + cluster.name() + " to be reconciled",
                new Reconciled(cluster.id(), cluster.name(), due)));
        return due;
    }

    private record Reconciled(UUID clusterId, String cluster, int policies) {}

    private static Standing standing(ResultSet row, int number) throws SQLException {
        long applied = row.getLong("applied_revision");
        Optional<Long> appliedRevision = row.wasNull() ? Optional.empty() : Optional.of(applied);
        return new Standing(new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster_name")), row.getString("namespace"), row.getString("name"),
                row.getString("workload"), DeliveryState.valueOf(row.getString("state")), row.getLong("revision"), row.getLong("desired_revision"), appliedRevision,
                Optional.ofNullable(row.getObject("applied_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                row.getObject("state_since", OffsetDateTime.class).toInstant(), row.getString("words"), row.getString("advice"),
                Arrays.asList((String[]) row.getArray("managers").getArray()), row.getInt("rules"), longs(row, "request_numbers"));
    }

    private static List<Long> longs(ResultSet row, String column) throws SQLException {
        return Arrays.asList((Long[]) row.getArray(column).getArray());
    }
}
