package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The circuit breaker of every cluster, shared by all replicas. It opens after `TOLERATED` failures in a row, or at once
/// when the cluster names a time to wait; then claims leave the cluster out, except for one probe at a time. The first
/// answer, whatever it says, closes it, and what waited is due from then on, one after another: a cluster that has just come back, or all of
/// them at once, is not asked for everything in one moment.
@Component
class Breakers {
    /// Failures in a row, over all policies of the cluster, that open the breaker.
    static final int TOLERATED = 3;
    /// A cluster cannot make us wait longer: after this it is asked again.
    static final Duration LONGEST_WISH = Duration.ofMinutes(10);
    /// Short, because one probe costs a cluster little and a cluster that is back should not wait for us.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(4);
    /// How many policies of a cluster that is back are due in a second, as long as that keeps none waiting longer than `LONGEST_RELEASE`.
    private static final int RELEASED_A_SECOND = 5;
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(8);

    private final JdbcClient jdbc;
    private final AuditLog audit;

    Breakers(JdbcClient jdbc, AuditLog audit) {
        this.jdbc = jdbc;
        this.audit = audit;
    }

    /// Clusters whose breaker is open and whose probe is due, and that have something to deliver. Each is handed out once:
    /// the next probe is due only when this one has had its time.
    @Transactional(propagation = Propagation.MANDATORY)
    public List<UUID> takeProbes() {
        // As `exists` it would be joined: all that is due was read to learn of which clusters something is. In order, or the table is read
        // through until there is one.
        return jdbc.sql("""
                        update cluster_breaker b
                        set probe_at = now() + make_interval(secs => :lease),
                            probes = probes + 1
                        where b.tenant_id = :tenant
                          and b.opened_at is not null
                          and b.probe_at <= now()
                          and (
                              select true
                              from policy_object o
                              where o.tenant_id = b.tenant_id
                                and o.cluster_id = b.cluster_id
                                and o.due_at is not null
                                and (o.lease_until is null or o.lease_until < now())
                              order by o.due_at
                              limit 1)
                        returning b.cluster_id""")
                .param("tenant", CurrentTenant.require().value())
                .param("lease", DeliveryLedger.LEASE.toSeconds())
                .query(UUID.class)
                .list();
    }

    /// The cluster did not answer, or said "later". In the transaction that records the delivery.
    @Transactional(propagation = Propagation.MANDATORY)
    public void failed(ClusterRef cluster, String words, Optional<Duration> wish) {
        failed(cluster, words, wish, wish.isPresent() ? "asked for time" : "");
    }

    /// The cluster does not accept the portal's credentials: it opens at once, and one question is asked every `pause`.
    @Transactional(propagation = Propagation.MANDATORY)
    public void lockedOut(ClusterRef cluster, String words, Duration pause) {
        failed(cluster, words, Optional.of(pause), "does not accept the portal's credentials");
    }

    private void failed(ClusterRef cluster, String words, Optional<Duration> wish, String why) {
        record Count(int failures, int probes, boolean open) {}
        Count count = jdbc.sql("""
                        insert into cluster_breaker (tenant_id, cluster_id, failures, words)
                        values (:tenant, :cluster, 1, :words)
                        on conflict (tenant_id, cluster_id) do update
                        set failures = least(cluster_breaker.failures + 1, 1000000),
                            words = excluded.words
                        returning failures, probes, opened_at is not null""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.id())
                .param("words", words)
                .query((row, number) -> new Count(row.getInt(1), row.getInt(2), row.getBoolean(3)))
                .single();
        if (!count.open() && !opens(count.failures(), wish)) {
            return;
        }
        // A delivery that was under way when it opened never brings a probe forward that the cluster asked to be later.
        jdbc.sql("""
                        update cluster_breaker
                        set opened_at = coalesce(opened_at, now()),
                            probe_at = greatest(case when :wished or probes > 0 then null else probe_at end, now() + make_interval(secs => :pause))
                        where (tenant_id, cluster_id) = (:tenant, :cluster)""")
                .param("wished", wish.isPresent())
                .param("pause", probeIn(count.probes(), wish, ThreadLocalRandom.current()).toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.id())
                .update();
        if (!count.open()) {
            audit.append(new AuditEvent("cluster.paused", DeliveryFacts.DELIVERY, new Subject("cluster", cluster.name()),
                    "paused delivery to cluster " + cluster.name() + ", which " + (why.isEmpty() ? "did not answer " + count.failures() + " times in a row" : why),
                    new Paused(cluster.id(), cluster.name(), count.failures(), words)));
        }
    }

    /// The cluster answered: deliveries go on, and what it kept waiting is due, the longest waiting first (`releasedIn`).
    @Transactional(propagation = Propagation.MANDATORY)
    public void answered(ClusterRef cluster) {
        List<Boolean> wasOpen = jdbc.sql("""
                        delete from cluster_breaker
                        where (tenant_id, cluster_id) = (?, ?)
                        returning opened_at is not null""")
                .params(CurrentTenant.require().value(), cluster.id())
                .query(Boolean.class)
                .list();
        if (!wasOpen.contains(true)) {
            return;
        }
        release(cluster);
        jdbc.sql("select pg_notify(?, ?)").params(Planner.CHANNEL, CurrentTenant.require().toString()).query((row, number) -> true).single();
        audit.append(new AuditEvent("cluster.resumed", DeliveryFacts.DELIVERY, new Subject("cluster", cluster.name()),
                "resumed delivery to cluster " + cluster.name() + ", which answers again", new Resumed(cluster.id(), cluster.name())));
    }

    private void release(ClusterRef cluster) {
        record Waiting(String namespace, String name) {}
        List<Waiting> waiting = jdbc.sql("""
                        select namespace, name
                        from policy_object
                        where tenant_id = ?
                          and cluster_id = ?
                          and (due_at <= now() or due_at > now() and state in ('UNREACHABLE', 'REFUSED'))
                          and (lease_until is null or lease_until < now())
                        order by due_at, namespace, name
                        for update""")
                .params(CurrentTenant.require().value(), cluster.id())
                .query(Waiting.class)
                .list();
        if (waiting.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        update policy_object o
                        set due_at = now() + w.millis * interval '1 ms'
                        from unnest(:namespaces::text[], :names::text[], :millis::bigint[]) as w (namespace, name, millis)
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (:tenant, :cluster, w.namespace, w.name)""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.id())
                .param("namespaces", waiting.stream().map(Waiting::namespace).toArray(String[]::new))
                .param("names", waiting.stream().map(Waiting::name).toArray(String[]::new))
                .param("millis", IntStream.range(0, waiting.size()).mapToObj(place -> releasedIn(place, waiting.size()).toMillis()).toArray(Long[]::new))
                .update();
    }

    /// When the one at this place, from 0, of so many is due once the cluster answers again.
    static Duration releasedIn(int place, int many) {
        return Duration.ofMillis(place * Math.min(1_000L / RELEASED_A_SECOND, LONGEST_RELEASE.toMillis() / many));
    }

    /// A person wants it tried now, whatever the cluster asked for.
    @Transactional(propagation = Propagation.MANDATORY)
    public void probeNow(UUID cluster) {
        jdbc.sql("update cluster_breaker set probe_at = now() where (tenant_id, cluster_id) = (?, ?) and opened_at is not null")
                .params(CurrentTenant.require().value(), cluster)
                .update();
    }

    /// The open breakers, by cluster.
    Map<UUID, Breaker> open() {
        record Row(UUID cluster, Breaker breaker) {}
        return jdbc.sql("select cluster_id, opened_at, probe_at, words from cluster_breaker where tenant_id = ? and opened_at is not null")
                .params(CurrentTenant.require().value())
                .query((row, number) -> new Row(row.getObject(1, UUID.class), new Breaker(row.getObject(2, OffsetDateTime.class).toInstant(),
                        row.getObject(3, OffsetDateTime.class).toInstant(), row.getString(4))))
                .stream()
                .collect(Collectors.toMap(Row::cluster, Row::breaker));
    }

    /// Whether so many failures in a row open it, the last with this wish of the cluster.
    static boolean opens(int failures, Optional<Duration> wish) {
        return failures >= TOLERATED || wish.isPresent();
    }

    /// When it is probed next: what the cluster asked for, and no sooner than after so many probes in vain.
    static Duration probeIn(int probes, Optional<Duration> wish, RandomGenerator chance) {
        Duration pause = pause(probes, chance);
        Duration asked = wish.filter(time -> time.compareTo(LONGEST_WISH) <= 0).orElse(wish.isPresent() ? LONGEST_WISH : Duration.ZERO);
        return asked.compareTo(pause) > 0 ? asked : pause;
    }

    /// One second doubling to four, each spread over a quarter.
    static Duration pause(int probes, RandomGenerator chance) {
        return Pause.spread(Duration.ofMillis(Math.min(LONGEST_PAUSE.toMillis(), 1000L << Math.min(probes, 4))), chance);
    }

    private record Paused(UUID clusterId, String cluster, int failures, String words) {}

    private record Resumed(UUID clusterId, String cluster) {}
}
