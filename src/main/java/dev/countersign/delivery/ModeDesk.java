package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// How a cluster gets its policies, and changing that: a decision of an administrator, on the record. The two modes never write at
/// once: a change is refused while anything is being written, and takes every claim of the mode before away.
///
/// What the mode before wrote stays: objects in the cluster, files in the repository. The new one finds it, and takes it over where
/// it is as approved.
@Service
public class ModeDesk {
    public static final String ADMINISTRATORS = "Only administrators of the tenant say how a cluster gets its policies. Ask one of them.";

    private final JdbcClient jdbc;
    private final ClusterRegistry registry;
    private final Planner planner;
    private final AuditLog audit;
    private final SecretBox secrets;
    private final List<ClusterWriters> writers;

    ModeDesk(JdbcClient jdbc, ClusterRegistry registry, Planner planner, AuditLog audit, SecretBox secrets, List<ClusterWriters> writers) {
        this.jdbc = jdbc;
        this.registry = registry;
        this.planner = planner;
        this.audit = audit;
        this.secrets = secrets;
        this.writers = List.copyOf(writers);
    }

    /// The repository of a cluster; empty for one that is written to directly.
    @Transactional(readOnly = true)
    public Optional<DeliveryRepository> repository(UUID cluster) {
        return jdbc.sql("""
                        select g.url, g.branch, g.directory, g.username, g.password is not null as kept, g.set_at, g.head, g.looked_at, g.pushed_commit, g.pushed_at,
                               g.failing_since, g.words, g.advice,
                               (select count(*)
                                from policy_object o
                                left join delivery_file f on (f.tenant_id, f.cluster_id, f.namespace, f.name) = (o.tenant_id, o.cluster_id, o.namespace, o.name)
                                where o.tenant_id = g.tenant_id
                                  and o.cluster_id = g.cluster_id
                                  and f.revision is distinct from o.desired_revision) as waiting,
                               (select count(*)
                                from policy_object o
                                where o.tenant_id = g.tenant_id
                                  and o.cluster_id = g.cluster_id
                                  and o.state = 'PUSHED') as pushed
                        from delivery_repository g
                        where (g.tenant_id, g.cluster_id) = (?, ?)""")
                .params(CurrentTenant.require().value(), cluster)
                .query(ModeDesk::repository)
                .optional();
    }

    private static DeliveryRepository repository(ResultSet row, int number) throws SQLException {
        Optional<Instant> failing = time(row, "failing_since");
        String words = row.getString("words");
        String advice = row.getString("advice");
        return new DeliveryRepository(new RepositoryPlace(row.getString("url"), row.getString("branch"), row.getString("directory")), row.getString("username"),
                row.getBoolean("kept"), time(row, "set_at").orElseThrow(), Optional.ofNullable(row.getString("head")), time(row, "looked_at"),
                Optional.ofNullable(row.getString("pushed_commit")), time(row, "pushed_at"), row.getInt("waiting"), row.getInt("pushed"),
                failing.map(since -> new DeliveryRepository.Trouble(since, words, advice)));
    }

    /// The file of a policy: its path, and which revision it holds since which commit.
    public record RepositoryFile(String path, long revision, String commit, Instant at) {}

    /// What is known of a policy's file; empty where nothing was pushed, and for a cluster that is written to directly.
    @Transactional(readOnly = true)
    public Optional<RepositoryFile> file(PolicyKey key) {
        return repository(key.cluster()).flatMap(repository -> jdbc.sql("select revision, commit_id, at from delivery_file where (tenant_id, cluster_id, namespace, name) = (?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query((row, number) -> new RepositoryFile(repository.place().file(key.namespace(), key.name()), row.getLong("revision"), row.getString("commit_id"),
                        time(row, "at").orElseThrow()))
                .optional());
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    /// Whether the portal may write to the cluster; stays so until the caller's transaction ends.
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean writesDirectly(UUID cluster) {
        audit.hold();
        return repository(cluster).isEmpty();
    }

    /// From now on the cluster's policies are written to the repository, and the cluster is only read. Also changes the setting of a
    /// cluster that is in this mode.
    @Transactional
    public ModeChange toRepository(CurrentPerson me, String clusterName, RepositorySetting setting) {
        Optional<ClusterView> found = cluster(clusterName);
        Optional<ModeChange> refused = refused(me, clusterName, found);
        if (refused.isPresent()) {
            return refused.get();
        }
        List<ModeChange.Problem> problems = setting.problems();
        if (!problems.isEmpty()) {
            return new ModeChange.Refused(problems);
        }
        ClusterRef cluster = found.orElseThrow().ref();
        RepositoryPlace place = setting.place();
        planner.alone();
        Optional<String> writing = writing(cluster);
        if (writing.isPresent()) {
            return new ModeChange.UnderWay(writing.get());
        }
        Optional<DeliveryRepository> before = repository(cluster.id());
        if (before.isPresent() && setting.password().isEmpty() && before.get().passwordKept() && !before.get().place().url().equals(place.url())) {
            return new ModeChange.Refused(List.of(new ModeChange.Problem("password", "Give the password or token for the new address: the stored one was given for another, and is not sent to this one.")));
        }
        if (taken(cluster, place)) {
            return new ModeChange.Refused(List.of(new ModeChange.Problem("directory", "Another cluster is delivered to this directory of the branch. Give each cluster a directory or a branch of its own.")));
        }
        if (before.filter(known -> !known.place().equals(place)).isPresent()) {
            // What is known of the old place says nothing about the new one.
            forgetFiles(cluster);
        }
        store(cluster, place, setting);
        takeOver(cluster);
        jdbc.sql("delete from cluster_breaker where (tenant_id, cluster_id) = (?, ?)").params(CurrentTenant.require().value(), cluster.id()).update();
        audit.append(new AuditEvent("cluster.delivery-changed", me.actor(), subject(cluster), before.isPresent()
                ? "changed the Git repository of cluster " + cluster.name() + " to " + place.words()
                : "switched cluster " + cluster.name() + " to a Git repository: the portal writes its policies to " + place.words() + " and nothing to the cluster",
                new ModeFact(cluster.id(), cluster.name(), DeliveryMode.REPOSITORY, Optional.of(place))));
        return new ModeChange.Changed(DeliveryMode.REPOSITORY);
    }

    /// From now on the portal writes to the cluster again, and nothing to the repository, whose files stay.
    @Transactional
    public ModeChange toDirect(CurrentPerson me, String clusterName) {
        Optional<ClusterView> found = cluster(clusterName);
        Optional<ModeChange> refused = refused(me, clusterName, found);
        if (refused.isPresent()) {
            return refused.get();
        }
        ClusterRef cluster = found.orElseThrow().ref();
        planner.alone();
        Optional<DeliveryRepository> before = repository(cluster.id());
        if (before.isEmpty()) {
            return new ModeChange.Changed(DeliveryMode.DIRECT);
        }
        Optional<String> writing = writing(cluster);
        if (writing.isPresent()) {
            return new ModeChange.UnderWay(writing.get());
        }
        forgetFiles(cluster);
        jdbc.sql("delete from delivery_repository where (tenant_id, cluster_id) = (?, ?)").params(CurrentTenant.require().value(), cluster.id()).update();
        takeOver(cluster);
        audit.append(new AuditEvent("cluster.delivery-changed", me.actor(), subject(cluster), "switched cluster " + cluster.name()
                + " back: the portal writes its policies to the cluster again, and nothing to " + before.get().place().words(),
                new ModeFact(cluster.id(), cluster.name(), DeliveryMode.DIRECT, Optional.empty())));
        return new ModeChange.Changed(DeliveryMode.DIRECT);
    }

    private Optional<ClusterView> cluster(String name) {
        return registry.find(name).filter(view -> view.retirement().isEmpty());
    }

    private static Optional<ModeChange> refused(CurrentPerson me, String name, Optional<ClusterView> found) {
        if (!me.is(Role.ADMINISTRATOR)) {
            return Optional.of(new ModeChange.NotYours(ADMINISTRATORS));
        }
        if (!me.mayUse(Scope.ADMIN)) {
            return Optional.of(new ModeChange.NotYours("This token lacks the scope admin. Use one that has it."));
        }
        return found.isEmpty() ? Optional.of(new ModeChange.Unknown("cluster " + name + " in use")) : Optional.empty();
    }

    /// What is being written at this moment, and what to do; the rows stay locked until the transaction ends, so that nothing begins meanwhile.
    private Optional<String> writing(ClusterRef cluster) {
        List<Boolean> deliveries = jdbc.sql("select coalesce(lease_until > now(), false) from policy_object where (tenant_id, cluster_id) = (?, ?) order by namespace, name for update")
                .params(CurrentTenant.require().value(), cluster.id())
                .query(Boolean.class)
                .list();
        if (deliveries.contains(true)) {
            return Optional.of("A delivery to cluster " + cluster.name() + " is under way. Wait some seconds and try again; if it lasts, stop deliveries to the cluster first.");
        }
        List<Boolean> pushes = jdbc.sql("select coalesce(lease_until > now(), false) from delivery_repository where (tenant_id, cluster_id) = (?, ?) for update")
                .params(CurrentTenant.require().value(), cluster.id())
                .query(Boolean.class)
                .list();
        if (pushes.contains(true)) {
            return Optional.of("The portal is at the Git repository of cluster " + cluster.name() + " at this moment. Wait some seconds and try again.");
        }
        return writers.stream().flatMap(writer -> writer.writing(cluster.id()).stream()).findFirst()
                .map(what -> "In cluster " + cluster.name() + ", " + what + " at this moment. Wait a minute and try again.");
    }

    /// Whether another cluster in use has the place; one that is retired gives it up.
    private boolean taken(ClusterRef cluster, RepositoryPlace place) {
        for (String statement : List.of("""
                        delete from delivery_file f
                        using delivery_repository g, cluster_retirement e
                        where f.tenant_id = :tenant
                          and (g.tenant_id, g.cluster_id) = (f.tenant_id, f.cluster_id)
                          and (e.tenant_id, e.cluster_id) = (g.tenant_id, g.cluster_id)
                          and (g.url, g.branch, g.directory) = (:url, :branch, :directory)""", """
                        delete from delivery_repository g
                        using cluster_retirement e
                        where g.tenant_id = :tenant
                          and (e.tenant_id, e.cluster_id) = (g.tenant_id, g.cluster_id)
                          and (g.url, g.branch, g.directory) = (:url, :branch, :directory)""")) {
            jdbc.sql(statement)
                    .param("tenant", CurrentTenant.require().value())
                    .param("url", place.url())
                    .param("branch", place.branch())
                    .param("directory", place.directory())
                    .update();
        }
        return jdbc.sql("""
                        select exists (
                            select from delivery_repository
                            where (tenant_id, url, branch, directory) = (?, ?, ?, ?)
                              and cluster_id <> ?)""")
                .params(CurrentTenant.require().value(), place.url(), place.branch(), place.directory(), cluster.id())
                .query(Boolean.class)
                .single();
    }

    private void forgetFiles(ClusterRef cluster) {
        jdbc.sql("delete from delivery_file where (tenant_id, cluster_id) = (?, ?)").params(CurrentTenant.require().value(), cluster.id()).update();
    }

    private void store(ClusterRef cluster, RepositoryPlace place, RepositorySetting setting) {
        jdbc.sql("""
                        insert into delivery_repository as g (tenant_id, cluster_id, url, branch, directory, username, password)
                        values (:tenant, :cluster, :url, :branch, :directory, :username, :password)
                        on conflict on constraint delivery_repository_pk do update
                        set url = excluded.url,
                            branch = excluded.branch,
                            directory = excluded.directory,
                            username = excluded.username,
                            password = coalesce(excluded.password, g.password),
                            set_at = now(),
                            head = null,
                            failing_since = null,
                            words = '',
                            advice = '',
                            attempts = 0,
                            look_at = now(),
                            wait_until = now(),
                            lease_until = null,
                            fence = g.fence + 1""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster.id())
                .param("url", place.url())
                .param("branch", place.branch())
                .param("directory", place.directory())
                .param("username", setting.username())
                .param("password", setting.password()
                        .map(given -> secrets.seal(RepositoryLedger.place(cluster.id()), given.getBytes(StandardCharsets.UTF_8)))
                        .orElse(null), java.sql.Types.BINARY)
                .update();
    }

    /// No claim of the mode before holds any more, and everything is due in the new one. What the cluster holds as approved stays applied.
    private void takeOver(ClusterRef cluster) {
        jdbc.sql("""
                        update policy_object
                        set fence = fence + 1,
                            lease_until = null,
                            state = case when state in ('APPLIED', 'DRIFTED') then state else 'WAITING' end,
                            state_since = case when state in ('APPLIED', 'DRIFTED', 'WAITING') then state_since else now() end,
                            words = case when state = 'APPLIED' or state = 'DRIFTED' then words else '' end,
                            advice = '',
                            attempts = 0,
                            drift_rounds = 0,
                            due_at = now()
                        where (tenant_id, cluster_id) = (?, ?)""")
                .params(CurrentTenant.require().value(), cluster.id())
                .update();
        jdbc.sql("select pg_notify(?, ?)").params(Planner.CHANNEL, CurrentTenant.require().toString()).query((row, number) -> true).single();
    }

    private static Subject subject(ClusterRef cluster) {
        return new Subject("cluster", cluster.name());
    }

    private record ModeFact(UUID clusterId, String cluster, DeliveryMode mode, Optional<RepositoryPlace> repository) {}
}
