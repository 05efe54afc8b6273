package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.RecordState;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Who pushes to which repository, and what became of it. A claim is a row lock, a lease and a fence, as for deliveries: one push at
/// a time, and whoever slept through the lease can no longer record anything.
@Component
class RepositoryLedger {
    /// How long a claim holds unless it is renewed; `RepositoryLoop` renews what it is at four times as often.
    static final Duration LEASE = Duration.ofSeconds(20);
    /// A repository that answers again is found so within this time.
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final String DRIFTED =
            "The portal writes nothing to this cluster. What follows its Git repository puts the policy right; how the file stands is told under Deliveries.";

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final RecordState state;
    private final SecretBox secrets;
    private final Life life;
    private final Duration look;

    RepositoryLedger(JdbcClient jdbc, AuditLog audit, RecordState state, SecretBox secrets, Life life, @Value("${countersign.delivery.repository-look:60s}") Duration look) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.state = state;
        this.secrets = secrets;
        this.life = life;
        this.look = look;
    }

    /// Claims at most `limit` repositories of the current tenant that have a policy due, or were not looked at for a while; none while
    /// the record is not whole.
    @Transactional
    public List<RepositoryClaim> claim(int limit) {
        if (state.stopped().isPresent()) {
            return List.of();
        }
        return jdbc.sql("""
                        with due as (
                            select r.tenant_id, r.cluster_id
                            from delivery_repository r
                            where r.tenant_id = :tenant
                              and r.wait_until <= now()
                              and (r.lease_until is null or r.lease_until < now())
                              and (r.look_at <= now()
                                   or exists (
                                       select from policy_object o
                                       where o.tenant_id = r.tenant_id
                                         and o.cluster_id = r.cluster_id
                                         and o.due_at <= now()))
                              and not exists (select from cluster_retirement e where e.tenant_id = r.tenant_id and e.cluster_id = r.cluster_id)
                            order by r.look_at
                            limit :limit
                            for update of r skip locked)
                        update delivery_repository r
                        set lease_until = now() + make_interval(secs => :lease),
                            claimed_by = :life::int,
                            fence = r.fence + 1
                        from due d
                        join cluster c on c.tenant_id = d.tenant_id and c.id = d.cluster_id
                        where (r.tenant_id, r.cluster_id) = (d.tenant_id, d.cluster_id)
                        returning r.cluster_id, c.name, r.url, r.branch, r.directory, r.username, r.password, r.head, r.attempts, r.failing_since is not null as failing, r.fence""")
                .param("tenant", CurrentTenant.require().value())
                .param("limit", limit)
                .param("lease", LEASE.toSeconds())
                .param("life", life.number().orElse(null))
                .query(RepositoryLedger::claimed)
                .list();
    }

    /// As `DeliveryLedger.endLeasesOfTheDead`.
    @Transactional
    public int endLeasesOfTheDead() {
        List<Integer> holders = jdbc.sql("select distinct claimed_by from delivery_repository where tenant_id = ? and lease_until >= now() and claimed_by is not null")
                .param(CurrentTenant.require().value())
                .query(Integer.class)
                .list();
        Set<Integer> gone = life.gone(holders, jdbc);
        return gone.isEmpty() ? 0 : jdbc.sql("update delivery_repository set lease_until = now() where tenant_id = :tenant and lease_until >= now() and claimed_by = any (:gone)")
                .param("tenant", CurrentTenant.require().value())
                .param("gone", gone.toArray(Integer[]::new))
                .update();
    }

    private static RepositoryClaim claimed(ResultSet row, int number) throws SQLException {
        UUID cluster = row.getObject("cluster_id", UUID.class);
        return new RepositoryClaim(new ClusterRef(cluster, row.getString("name")), new RepositoryPlace(row.getString("url"), row.getString("branch"), row.getString("directory")),
                row.getString("username"), Optional.ofNullable(row.getBytes("password")), Optional.ofNullable(row.getString("head")), row.getInt("attempts"), row.getBoolean("failing"),
                row.getLong("fence"));
    }

    /// The password of a claimed repository, "" where there is none. Never shown or logged.
    String password(RepositoryClaim claim) {
        return claim.password().map(sealed -> new String(secrets.open(place(claim.cluster().id()), sealed), StandardCharsets.UTF_8)).orElse("");
    }

    /// Where a repository's password lives.
    static SecretBox.Place place(UUID cluster) {
        return new SecretBox.Place(CurrentTenant.require(), cluster, "delivery_repository.password");
    }

    /// Says again that we are at it, directly before anything is pushed. False when the claim is no longer ours: then nothing may be.
    @Transactional
    public boolean renew(RepositoryClaim claim) {
        state.requireSound();
        return jdbc.sql("""
                        update delivery_repository
                        set lease_until = now() + make_interval(secs => :lease)
                        where (tenant_id, cluster_id) = (:tenant, :cluster)
                          and fence = :fence
                          and lease_until is not null""")
                .param("lease", LEASE.toSeconds())
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", claim.cluster().id())
                .param("fence", claim.fence())
                .update() == 1;
    }

    /// Whether nobody waits for anything, and every file is on record as its newest revision: then a branch that has not moved holds
    /// nothing new.
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean isQuiet(RepositoryClaim claim) {
        return jdbc.sql("""
                        select not exists (
                            select from policy_object o
                            left join delivery_file f on (f.tenant_id, f.cluster_id, f.namespace, f.name) = (o.tenant_id, o.cluster_id, o.namespace, o.name)
                            where o.tenant_id = :tenant
                              and o.cluster_id = :cluster
                              and (o.due_at <= now() or f.revision is distinct from o.desired_revision or f.restores > 0))""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", claim.cluster().id())
                .query(Boolean.class)
                .single();
    }

    /// Every policy of the cluster as its file should be, by namespace and name.
    @Transactional(propagation = Propagation.MANDATORY)
    public List<WantedFile> wanted(UUID cluster) {
        return jdbc.sql("""
                        select o.namespace, o.name, o.desired_revision, o.state, o.due_at <= now() as due, r.content, r.yaml, r.request_numbers,
                               f.revision as known_revision, f.restores, f.restored_at, k.yaml as known_yaml,
                               coalesce((select a.words
                                         from delivery_attempt a
                                         where (a.tenant_id, a.cluster_id, a.namespace, a.name) = (o.tenant_id, o.cluster_id, o.namespace, o.name)
                                         order by a.at desc
                                         limit 1), '') as told
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.desired_revision)
                        left join delivery_file f on (f.tenant_id, f.cluster_id, f.namespace, f.name) = (o.tenant_id, o.cluster_id, o.namespace, o.name)
                        left join revision k on (k.tenant_id, k.cluster_id, k.namespace, k.name, k.number) = (f.tenant_id, f.cluster_id, f.namespace, f.name, f.revision)
                        where o.tenant_id = :tenant
                          and o.cluster_id = :cluster
                        order by o.namespace, o.name""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .query((row, number) -> wanted(cluster, row))
                .list();
    }

    private static WantedFile wanted(UUID cluster, ResultSet row) throws SQLException {
        long known = row.getLong("known_revision");
        Optional<WantedFile.Known> file = row.wasNull() ? Optional.empty()
                : Optional.of(new WantedFile.Known(known, row.getString("known_yaml"), row.getInt("restores"), time(row, "restored_at")));
        return new WantedFile(new PolicyKey(cluster, row.getString("namespace"), row.getString("name")), row.getLong("desired_revision"), row.getBytes("content"),
                row.getString("yaml"), Arrays.asList((Long[]) row.getArray("request_numbers").getArray()), row.getBoolean("due"), row.getString("state"), row.getString("told"), file);
    }

    /// Whether the text is a revision of the policy, whichever.
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean isRevision(PolicyKey key, String text) {
        return text.indexOf('\u0000') < 0 && jdbc.sql("""
                        select exists (
                            select from revision
                            where (tenant_id, cluster_id, namespace, name) = (?, ?, ?, ?)
                              and yaml = ?)""")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name(), text)
                .query(Boolean.class)
                .single();
    }

    /// Makes the repository of the cluster due now, forgetting pauses and rounds: a person asked for it. Nothing where there is none.
    @Transactional(propagation = Propagation.MANDATORY)
    public void now(UUID cluster) {
        jdbc.sql("update delivery_repository set look_at = now(), wait_until = now(), attempts = 0 where (tenant_id, cluster_id) = (?, ?)")
                .params(CurrentTenant.require().value(), cluster)
                .update();
        jdbc.sql("update delivery_file set restores = 0 where (tenant_id, cluster_id) = (?, ?)").params(CurrentTenant.require().value(), cluster).update();
    }

    /// Writes down what became of a visit, with an entry of the record for all that is new. False when the claim was no longer ours:
    /// then nothing is written, and the newer holder tells the story.
    @Transactional
    public boolean record(RepositoryClaim claim, PushReport report) {
        audit.hold();
        return switch (report) {
            case PushReport.Overtaken() -> false;
            case PushReport.Away(String words, String advice) -> away(claim, shortened(words), advice);
            case PushReport.Visited visited -> visited(claim, visited);
        };
    }

    private boolean away(RepositoryClaim claim, String words, String advice) {
        int updated = jdbc.sql("""
                        update delivery_repository
                        set failing_since = coalesce(failing_since, now()),
                            words = :words,
                            advice = :advice,
                            attempts = least(attempts + 1, 1000000),
                            wait_until = now() + make_interval(secs => :pause),
                            lease_until = null,
                            claimed_by = null
                        where (tenant_id, cluster_id) = (:tenant, :cluster)
                          and fence = :fence""")
                .param("words", words)
                .param("advice", advice)
                .param("pause", Pause.after(claim.attempts(), LONGEST_PAUSE).toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", claim.cluster().id())
                .param("fence", claim.fence())
                .update();
        if (updated == 0) {
            return false;
        }
        jdbc.sql("""
                        update policy_object
                        set state = 'UNREACHABLE',
                            state_since = case when state = 'UNREACHABLE' then state_since else now() end,
                            words = :words,
                            advice = :advice,
                            managers = '{}'
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and due_at <= now()
                          and state in ('WAITING', 'APPLYING', 'UNREACHABLE')""")
                .param("words", words)
                .param("advice", advice)
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", claim.cluster().id())
                .update();
        if (!claim.failing()) {
            audit.append(new AuditEvent("repository.paused", DeliveryFacts.DELIVERY, new Subject("cluster", claim.cluster().name()),
                    "could not push policies of cluster " + claim.cluster().name() + " to their Git repository yet: " + DeliveryFacts.shortened(words, 300),
                    new Paused(claim.cluster().id(), claim.cluster().name(), claim.place(), words)));
        }
        return true;
    }

    private boolean visited(RepositoryClaim claim, PushReport.Visited visited) {
        int updated = jdbc.sql("""
                        update delivery_repository
                        set head = :head,
                            looked_at = now(),
                            pushed_commit = coalesce(:commit::text, pushed_commit),
                            pushed_at = case when :commit::text is null then pushed_at else now() end,
                            failing_since = null,
                            words = '',
                            advice = '',
                            attempts = 0,
                            look_at = now() + make_interval(secs => :look),
                            wait_until = now(),
                            lease_until = null,
                            claimed_by = null
                        where (tenant_id, cluster_id) = (:tenant, :cluster)
                          and fence = :fence""")
                .param("head", visited.head().orElse(null))
                .param("commit", visited.commit().orElse(null))
                .param("look", look.toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", claim.cluster().id())
                .param("fence", claim.fence())
                .update();
        if (updated == 0) {
            return false;
        }
        if (claim.failing()) {
            audit.append(new AuditEvent("repository.resumed", DeliveryFacts.DELIVERY, new Subject("cluster", claim.cluster().name()),
                    "goes on pushing policies of cluster " + claim.cluster().name() + " to their Git repository, which answers again",
                    new Resumed(claim.cluster().id(), claim.cluster().name(), claim.place())));
        }
        for (FileOutcome outcome : visited.files()) {
            switch (outcome) {
                case FileOutcome.Holds holds -> holds(claim, visited, holds);
                case FileOutcome.Foreign(WantedFile file, String words, String advice) -> refused(claim, file, "NOT_OURS", words, advice, Optional.of(look));
                case FileOutcome.Contested(WantedFile file, String words, String advice) -> refused(claim, file, "CONFLICTED", words, advice, Optional.empty());
                case FileOutcome.Held(WantedFile file, String words, String advice) -> held(claim, file, words, advice);
            }
        }
        return true;
    }

    private void holds(RepositoryClaim claim, PushReport.Visited visited, FileOutcome.Holds holds) {
        WantedFile file = holds.file();
        boolean restored = holds.how() == FileOutcome.Holds.How.RESTORED;
        boolean news = restored || !file.known().map(WantedFile.Known::revision).equals(Optional.of(file.revision()));
        if (!news && !file.due() && file.known().map(WantedFile.Known::restores).equals(Optional.of(0))) {
            return;
        }
        String commit = visited.commit().filter(ignored -> holds.how() != FileOutcome.Holds.How.FOUND).or(visited::head).orElseThrow();
        jdbc.sql("""
                        insert into delivery_file as f (tenant_id, cluster_id, namespace, name, revision, commit_id, restores, restored_at)
                        values (:tenant, :cluster, :namespace, :name, :revision, :commit, :restores, case when :restores > 0 then now() end)
                        on conflict on constraint delivery_file_pk do update
                        set commit_id = case when f.revision = excluded.revision and excluded.restores = 0 then f.commit_id else excluded.commit_id end,
                            at = case when f.revision = excluded.revision and excluded.restores = 0 then f.at else now() end,
                            restores = case
                                when excluded.restores > 0 then f.restores + 1
                                -- Ten quiet minutes forget them.
                                when f.restored_at < now() - interval '10 minutes' then 0
                                else f.restores
                            end,
                            restored_at = coalesce(excluded.restored_at, f.restored_at),
                            revision = excluded.revision""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", file.key().cluster())
                .param("namespace", file.key().namespace())
                .param("name", file.key().name())
                .param("revision", file.revision())
                .param("commit", commit)
                .param("restores", restored ? 1 : 0)
                .update();
        jdbc.sql("""
                        update policy_object
                        set state = case
                                when state = 'DRIFTED' then state
                                when desired_revision <> :revision then 'WAITING'
                                when applied_revision = :revision and state = 'APPLIED' then state
                                else 'PUSHED'
                            end,
                            state_since = case
                                when state = 'DRIFTED' or desired_revision = :revision and (state = 'PUSHED' or applied_revision = :revision and state = 'APPLIED') then state_since
                                else now()
                            end,
                            words = case
                                when state = 'DRIFTED' or applied_revision = :revision and state = 'APPLIED' then words
                                else :words
                            end,
                            advice = case
                                when state = 'DRIFTED' then coalesce(nullif(advice, ''), :drifted)
                                when applied_revision = :revision and state = 'APPLIED' then ''
                                else :advice
                            end,
                            attempts = 0,
                            due_at = case when desired_revision = :revision then null else now() end
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)""")
                .param("revision", file.revision())
                .param("words", "commit " + commit + " on " + claim.place().words())
                .param("advice", "It is applied when the cluster shows it: merge the branch where somebody has to, and see that Argo CD or Flux follows it.")
                .param("drifted", DRIFTED)
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", file.key().cluster())
                .param("namespace", file.key().namespace())
                .param("name", file.key().name())
                .update();
        if (news) {
            attempt(file, restored ? "RESTORED" : "PUSHED", "commit " + commit + (holds.how() == FileOutcome.Holds.How.FOUND ? ", found there" : ""));
            String sentence = restored
                    ? "put the file of " + file.key().inCluster() + " for cluster " + claim.cluster().name() + " back to revision " + file.revision() + ", which another hand had " + holds.what()
                    : (holds.how() == FileOutcome.Holds.How.FOUND ? "found " : "pushed ") + file.key().inCluster() + " at revision " + file.revision() + " for cluster " + claim.cluster().name()
                            + (holds.how() == FileOutcome.Holds.How.FOUND ? " in its Git repository" : " to its Git repository") + DeliveryFacts.forRequests(file.requests());
            append(claim, file, restored ? "policy.restored" : "policy.pushed", sentence, new Pushed(claim.cluster().id(), claim.cluster().name(), file.key().namespace(),
                    file.key().name(), file.revision(), file.digest(), file.requests(), holds.how().name(), holds.what(), claim.place(),
                    claim.place().file(file.key().namespace(), file.key().name()), commit));
        }
    }

    private void refused(RepositoryClaim claim, WantedFile file, String outcome, String words, String advice, Optional<Duration> again) {
        settle(file, "REFUSED", words, advice, again);
        if (!file.told().equals(shortened(words))) {
            attempt(file, outcome, words);
            append(claim, file, outcome.equals("CONFLICTED") ? "policy.contested" : "policy.refused",
                    (outcome.equals("CONFLICTED") ? "stopped putting the file of " : "did not write the file of ") + file.key().inCluster() + " for cluster " + claim.cluster().name()
                            + (outcome.equals("CONFLICTED") ? " right: " : ": ") + DeliveryFacts.shortened(words, 300), trouble(claim, file, outcome, words));
        }
    }

    private void held(RepositoryClaim claim, WantedFile file, String words, String advice) {
        String before = file.state();
        settle(file, before.equals("DRIFTED") || before.equals("APPLIED") ? before : "WAITING", words, advice, Optional.empty());
        if (!file.told().equals(shortened(words))) {
            attempt(file, "HELD", words);
            append(claim, file, "policy.held", "held revision " + file.revision() + " of " + file.key().inCluster() + " back from the Git repository of cluster " + claim.cluster().name()
                    + ": it might open something, and deliveries are " + DeliveryFacts.shortened(words, 300), trouble(claim, file, "HELD", words));
        }
    }

    /// What the cluster shows otherwise stays told above what the repository says.
    private void settle(WantedFile file, String state, String words, String advice, Optional<Duration> again) {
        jdbc.sql("""
                        update policy_object
                        set state = case when state = 'DRIFTED' then state when desired_revision = :revision then :state else 'WAITING' end,
                            state_since = case when state in ('DRIFTED', :state) then state_since else now() end,
                            words = case when state = 'DRIFTED' then words else :words end,
                            advice = case when state = 'DRIFTED' then coalesce(nullif(advice, ''), :drifted) else :advice end,
                            managers = case when state = 'DRIFTED' then managers else '{}' end,
                            due_at = case when desired_revision <> :revision then now() else now() + make_interval(secs => :again::double precision) end
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)""")
                .param("revision", file.revision())
                .param("state", state)
                .param("words", shortened(words))
                .param("advice", advice)
                .param("drifted", DRIFTED)
                .param("again", again.map(pause -> pause.toMillis() / 1000.0).orElse(null))
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", file.key().cluster())
                .param("namespace", file.key().namespace())
                .param("name", file.key().name())
                .update();
    }

    private void attempt(WantedFile file, String outcome, String words) {
        jdbc.sql("insert into delivery_attempt (tenant_id, cluster_id, namespace, name, revision, outcome, words) values (?, ?, ?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), file.key().cluster(), file.key().namespace(), file.key().name(), file.revision(), outcome, shortened(words))
                .update();
    }

    private void append(RepositoryClaim claim, WantedFile file, String kind, String sentence, Object fact) {
        audit.append(new AuditEvent(kind, DeliveryFacts.DELIVERY, DeliveryFacts.subject(claim.cluster(), file.key().namespace(), file.key().name()), sentence, fact).aboutRequests(file.requests()));
    }

    private static DeliveryFacts.Trouble trouble(RepositoryClaim claim, WantedFile file, String outcome, String words) {
        return new DeliveryFacts.Trouble(claim.cluster().id(), claim.cluster().name(), file.key().namespace(), file.key().name(), file.revision(), outcome, words, List.of());
    }

    private static String shortened(String words) {
        return DeliveryFacts.shortened(words, DeliveryFacts.MAX_WORDS);
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private record Paused(UUID clusterId, String cluster, RepositoryPlace place, String words) {}

    private record Resumed(UUID clusterId, String cluster, RepositoryPlace place) {}

    private record Pushed(
            UUID clusterId, String cluster, String namespace, String name, long revision, String content, List<Long> requests, String how, String what,
            RepositoryPlace place, String file, String commit) {}
}
