package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.RecordState;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Who delivers what; what became of it is written by `Outcomes`. A claim is a row lock, a lease and a fence: two replicas never hold the same
/// policy, and one that slept through its lease has it no longer. The lease of a replica that died ends with it (`Life`).
/// What goes by a Git repository is never claimed here (`RepositoryLedger`).
@Component
class DeliveryLedger {
    /// How long a claim holds unless it is renewed; `DeliveryLoop` renews what it is at four times as often.
    static final Duration LEASE = Duration.ofSeconds(5);
    /// How many times as much as is claimed is looked at first.
    private static final int OLDEST = 16;

    /// A newer revision than the confirmed one is wanted, and nobody is at it.
    static final String STUCK = """
            (applied_revision is not null
             and lease_until is null
             and (state in ('REFUSED', 'UNREACHABLE') or state = 'WAITING' and due_at is null))""";

    private static final String BY_REPOSITORY = """
            exists (select from delivery_repository g where g.tenant_id = policy_object.tenant_id and g.cluster_id = policy_object.cluster_id)""";

    /// What is `due` leaves with a lease and the next fence.
    private static final String HAND_OUT = """
            update policy_object o
            set lease_until = now() + make_interval(secs => :lease),
                claimed_by = :life::int,
                fence = o.fence + 1
            from due d
            join policy_object before on (before.tenant_id, before.cluster_id, before.namespace, before.name)
                                       = (d.tenant_id, d.cluster_id, d.namespace, d.name)
            join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number)
                             = (before.tenant_id, before.cluster_id, before.namespace, before.name, before.desired_revision)
            where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (d.tenant_id, d.cluster_id, d.namespace, d.name)
            returning o.cluster_id, o.namespace, o.name, o.desired_revision, r.yaml, r.request_numbers, o.fence, o.uid,
                      o.resource_version, o.applied_revision, o.state, o.words, o.drift_rounds, o.attempts""";

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Breakers breakers;
    private final RecordState state;
    private final Life life;

    DeliveryLedger(JdbcClient jdbc, AuditLog audit, Breakers breakers, RecordState state, Life life) {
        this.life = life;
        this.jdbc = jdbc;
        this.audit = audit;
        this.breakers = breakers;
        this.state = state;
    }

    /// Claims what is due for the current tenant, oldest first, of each cluster no more than `perCluster` less what is under way
    /// (`inFlight`), and nothing of those whose breaker is open. Of a cluster whose probe is due, one policy is claimed, due or not. Nothing while the record is
    /// not whole.
    @Transactional
    public List<Consignment> claim(int limit, int perCluster, Map<UUID, Integer> inFlight) {
        if (state.stopped().isPresent()) {
            return List.of();
        }
        List<Consignment> claimed = new ArrayList<>(claim(choose(limit, perCluster, inFlight)));
        breakers.takeProbes().forEach(cluster -> claimed.addAll(claimProbe(cluster)));
        return claimed;
    }

    /// Of a cluster that is not left alone, where `c` has it.
    private static final String OPEN = """
            not exists (
                  select from delivery_repository g
                  where g.tenant_id = :tenant
                    and g.cluster_id = c.cluster_id)
              and not exists (
                  select from cluster_breaker b
                  where b.tenant_id = :tenant
                    and b.cluster_id = c.cluster_id
                    and b.opened_at is not null)""";

    /// The oldest few of all that are due are looked at first. Where too many of those are of the same clusters, or of such as are left
    /// alone, the oldest of each cluster that has something due are: the same are chosen either way, and neither grows with how much is due.
    private List<PolicyKey> choose(int limit, int perCluster, Map<UUID, Integer> inFlight) {
        List<UUID> clusters = List.copyOf(inFlight.keySet());
        return jdbc.sql("""
                        with recursive taken as (
                            select *
                            from unnest(:clusters::uuid[], :flying::int[]) as t (cluster_id, flying)),
                        oldest as materialized (
                            select cluster_id, namespace, name, due_at, lease_until
                            from policy_object
                            where tenant_id = :tenant
                              and due_at <= now()
                            order by due_at
                            limit :oldest),
                        front as materialized (
                            select q.cluster_id, q.namespace, q.name
                            from (select c.*, row_number() over (partition by c.cluster_id order by c.due_at) as place
                                  from oldest c
                                  where (c.lease_until is null or c.lease_until < now())
                                    and\s""" + OPEN + """
                            ) q
                            left join taken t on t.cluster_id = q.cluster_id
                            where q.place <= :perCluster - coalesce(t.flying, 0)
                            order by q.due_at
                            limit :limit),
                        crowded as materialized (
                            select (select count(*) from oldest) = :oldest and (select count(*) from front) < :limit as so),
                        waiting as (
                            (select cluster_id
                             from policy_object
                             where (select so from crowded)
                               and tenant_id = :tenant
                               and due_at is not null
                             order by cluster_id
                             limit 1)
                            union all
                            select (select p.cluster_id
                                    from policy_object p
                                    where p.tenant_id = :tenant
                                      and p.due_at is not null
                                      and p.cluster_id > w.cluster_id
                                    order by p.cluster_id
                                    limit 1)
                            from waiting w
                            where w.cluster_id is not null),
                        chosen as materialized (
                            select cluster_id, namespace, name
                            from front
                            where not (select so from crowded)
                            union all
                            (select c.cluster_id, q.namespace, q.name
                             from waiting c
                             left join taken t on t.cluster_id = c.cluster_id
                             cross join lateral (
                                 select namespace, name, due_at
                                 from policy_object
                                 where tenant_id = :tenant
                                   and cluster_id = c.cluster_id
                                   and due_at <= now()
                                   and (lease_until is null or lease_until < now())
                                 order by due_at
                                 limit greatest(:perCluster - coalesce(t.flying, 0), 0)) q
                             where c.cluster_id is not null
                               and\s""" + OPEN + """

                             order by q.due_at
                             limit :limit))
                        select cluster_id, namespace, name
                        from chosen""")
                .param("tenant", CurrentTenant.require().value())
                .param("limit", limit)
                .param("oldest", OLDEST * limit)
                .param("perCluster", perCluster)
                .param("clusters", clusters.toArray(UUID[]::new))
                .param("flying", clusters.stream().map(inFlight::get).toArray(Integer[]::new))
                .query((row, number) -> new PolicyKey(row.getObject(1, UUID.class), row.getString(2), row.getString(3)))
                .list();
    }

    /// Those of them that are still due and nobody's. A statement of its own, for it is planned for few: together with what chooses, whose
    /// limits the planner does not know, it was planned for thousands, and read the whole table. They are found by their key, not among all
    /// that are due: `coalesce` keeps the indexes of those out.
    private List<Consignment> claim(List<PolicyKey> chosen) {
        return chosen.isEmpty() ? List.of() : claim(jdbc.sql("""
                        with due as (
                            select p.tenant_id, p.cluster_id, p.namespace, p.name
                            from unnest(:clusters::uuid[], :namespaces::text[], :names::text[]) as c (cluster_id, namespace, name)
                            join policy_object p on (p.tenant_id, p.cluster_id, p.namespace, p.name) = (:tenant, c.cluster_id, c.namespace, c.name)
                            where coalesce(p.due_at <= now(), false)
                              and (p.lease_until is null or p.lease_until < now())
                            for update of p skip locked)
                        """ + HAND_OUT)
                .param("clusters", chosen.stream().map(PolicyKey::cluster).toArray(UUID[]::new))
                .param("namespaces", chosen.stream().map(PolicyKey::namespace).toArray(String[]::new))
                .param("names", chosen.stream().map(PolicyKey::name).toArray(String[]::new)));
    }

    private List<Consignment> claimProbe(UUID cluster) {
        return claim(jdbc.sql("""
                        with due as (
                            select tenant_id, cluster_id, namespace, name
                            from policy_object
                            where tenant_id = :tenant
                              and cluster_id = :cluster
                              and due_at is not null
                              and (lease_until is null or lease_until < now())
                              and not exists (select from delivery_repository g where g.tenant_id = policy_object.tenant_id and g.cluster_id = policy_object.cluster_id)
                            order by due_at
                            limit 1
                            for update skip locked)
                        """ + HAND_OUT)
                .param("cluster", cluster));
    }

    private List<Consignment> claim(JdbcClient.StatementSpec statement) {
        return statement.param("tenant", CurrentTenant.require().value())
                .param("lease", LEASE.toSeconds())
                .param("life", life.number().orElse(null))
                .query(DeliveryLedger::consignment)
                .list();
    }

    /// Ends the leases of those who are dead: what they held may be claimed, under the next fence. Returns how many.
    @Transactional
    public int endLeasesOfTheDead() {
        List<Integer> holders = jdbc.sql("""
                        select distinct claimed_by
                        from policy_object
                        where tenant_id = :tenant
                          and due_at <= now() + make_interval(secs => :lease)
                          and lease_until >= now()
                          and claimed_by is not null""")
                .param("tenant", CurrentTenant.require().value())
                .param("lease", LEASE.toSeconds())
                .query(Integer.class)
                .list();
        Set<Integer> gone = life.gone(holders, jdbc);
        return gone.isEmpty() ? 0 : jdbc.sql("""
                        update policy_object
                        set lease_until = now()
                        where tenant_id = :tenant
                          and due_at <= now() + make_interval(secs => :lease)
                          and lease_until >= now()
                          and claimed_by = any (:gone)""")
                .param("tenant", CurrentTenant.require().value())
                .param("lease", LEASE.toSeconds())
                .param("gone", gone.toArray(Integer[]::new))
                .update();
    }

    private static Consignment consignment(ResultSet row, int number) throws SQLException {
        long applied = row.getLong("applied_revision");
        Optional<Long> appliedRevision = row.wasNull() ? Optional.empty() : Optional.of(applied);
        Optional<ObjectVersion> known = Optional.ofNullable(row.getString("uid")).map(uid -> {
            try {
                return new ObjectVersion(uid, Optional.ofNullable(row.getString("resource_version")).orElse(""));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        return new Consignment(new PolicyKey(row.getObject("cluster_id", UUID.class), row.getString("namespace"), row.getString("name")),
                row.getLong("desired_revision"), row.getString("yaml"),
                Arrays.stream((Long[]) row.getArray("request_numbers").getArray()).toList(), row.getLong("fence"), known, appliedRevision,
                row.getString("state").equals("DRIFTED"), row.getInt("drift_rounds"), row.getInt("attempts"), row.getString("state"),
                row.getString("words"));
    }

    /// Says again that we are at it; asked directly before every write. False when the claim is no longer ours, or the cluster is not
    /// written to directly any more: then nothing more may be written for it.
    @Transactional
    public boolean renew(Consignment consignment) {
        return !renewed(List.of(consignment), "").isEmpty();
    }

    /// As `renew`; empty for one whose row somebody has in this moment, for nobody waits here while others are held.
    @Transactional
    public List<Optional<Boolean>> renew(List<Consignment> consignments) {
        Set<PolicyKey> renewed = renewed(consignments, "skip locked");
        return consignments.stream().map(one -> renewed.contains(one.key()) ? Optional.of(true) : Optional.<Boolean>empty()).toList();
    }

    private Set<PolicyKey> renewed(List<Consignment> consignments, String locked) {
        return touched(consignments, "and p.lease_until is not null", locked, "lease_until = now() + make_interval(secs => " + LEASE.toSeconds() + ")");
    }

    /// Marks what is about to be written, so that a page can say so. Left out is what is no longer ours, what somebody has in this moment
    /// where there are several, and what is of a cluster that gets its policies from a Git repository: no courier sets off to one.
    @Transactional
    public Set<PolicyKey> begin(List<Consignment> consignments) {
        state.requireSound();
        return touched(consignments, "", consignments.size() == 1 ? "" : "skip locked", "state = case when o.state in ('DRIFTED', 'REFUSED') then o.state else 'APPLYING' end");
    }

    /// Those whose claims are still ours, of clusters that are written to directly.
    private Set<PolicyKey> touched(List<Consignment> consignments, String condition, String locked, String set) {
        return Set.copyOf(jdbc.sql("""
                        with ours as (
                            select p.tenant_id, p.cluster_id, p.namespace, p.name
                            from unnest(:clusters::uuid[], :namespaces::text[], :names::text[], :fences::bigint[]) as c (cluster_id, namespace, name, fence)
                            join policy_object p on (p.tenant_id, p.cluster_id, p.namespace, p.name) = (:tenant, c.cluster_id, c.namespace, c.name)
                            where p.fence = c.fence
                              and not exists (select from delivery_repository g where g.tenant_id = p.tenant_id and g.cluster_id = p.cluster_id)
                              %s
                            for update of p %s)
                        update policy_object o
                        set %s
                        from ours
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (ours.tenant_id, ours.cluster_id, ours.namespace, ours.name)
                        returning o.cluster_id, o.namespace, o.name""".formatted(condition, locked, set))
                .param("tenant", CurrentTenant.require().value())
                .param("clusters", consignments.stream().map(one -> one.key().cluster()).toArray(UUID[]::new))
                .param("namespaces", consignments.stream().map(one -> one.key().namespace()).toArray(String[]::new))
                .param("names", consignments.stream().map(one -> one.key().name()).toArray(String[]::new))
                .param("fences", consignments.stream().map(Consignment::fence).toArray(Long[]::new))
                .query((row, number) -> new PolicyKey(row.getObject(1, UUID.class), row.getString(2), row.getString(3)))
                .list());
    }

    /// Something changed around a refused policy: it is tried again in a second.
    @Transactional
    public void stir(PolicyKey key) {
        jdbc.sql("""
                        update policy_object
                        set due_at = least(due_at, now() + interval '1 second')
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)
                          and state = 'REFUSED'
                          and due_at is not null""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", key.cluster())
                .param("namespace", key.namespace())
                .param("name", key.name())
                .update();
    }

    /// Somebody changed what the portal knows of the cluster (its credentials, its namespaces): whatever it refused is tried again.
    @Transactional
    public void clusterChanged(UUID cluster) {
        breakers.probeNow(cluster);
        jdbc.sql("""
                        update policy_object
                        set due_at = now(),
                            attempts = 0
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and state = 'REFUSED'""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .update();
    }
    /// Another hand changed or deleted what the cluster had confirmed. Counts the rounds; ten quiet minutes forget them. False
    /// when nothing is applied that could have drifted, or it is known already. Where we write ourselves, what is under way is put right
    /// by that, and what is stuck waits as it did; where a Git repository is followed it is told whatever is awaited.
    @Transactional
    public boolean drifted(ClusterRef cluster, PolicyKey key, String what, List<String> managers) {
        audit.hold();
        int updated = jdbc.sql("""
                        update policy_object
                        set state = 'DRIFTED',
                            state_since = now(),
                            words = :words,
                            advice = case when state = 'APPLIED' or\s""" + BY_REPOSITORY + """
                                then '' else left(:newer || words, 900) end,
                            managers = :managers,
                            drift_rounds = case when drifted_at > now() - interval '10 minutes' then drift_rounds + 1 else 1 end,
                            drifted_at = now(),
                            due_at = case when state = 'APPLIED' or\s""" + BY_REPOSITORY + """
                                then now() else due_at end
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)
                          and (state = 'APPLIED' or\s""" + STUCK + " or state <> 'DRIFTED' and applied_revision is not null and " + BY_REPOSITORY + ")")
                .param("words", DeliveryFacts.shortened(what, DeliveryFacts.MAX_WORDS))
                .param("newer", "A newer revision is not delivered yet: ")
                .param("managers", managers.toArray(String[]::new))
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", key.cluster())
                .param("namespace", key.namespace())
                .param("name", key.name())
                .update();
        if (updated == 0) {
            return false;
        }
        audit.append(new AuditEvent("policy.drifted", DeliveryFacts.DELIVERY, DeliveryFacts.subject(cluster, key.namespace(), key.name()),
                "found " + key.inCluster() + " in cluster " + cluster.name() + " " + what + (managers.isEmpty() ? "" : " by " + String.join(", ", managers)),
                new DeliveryFacts.Drifted(cluster.id(), cluster.name(), key.namespace(), key.name(), what, managers)));
        return true;
    }

    /// Makes everything of the cluster due now, forgetting pauses and rounds: a person asked for it.
    @Transactional
    public int due(UUID cluster) {
        return jdbc.sql("""
                        update policy_object
                        set due_at = now(),
                            attempts = 0,
                            drift_rounds = 0
                        where tenant_id = :tenant
                          and cluster_id = :cluster""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .update();
    }
}
