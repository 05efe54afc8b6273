package dev.countersign.adoption;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.RecordState;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.delivery.Pause;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Who removes which adopted object, and what became of it. A claim is a row lock, a lease and a fence, as for deliveries. The
/// state is the row: whoever claims it next goes on from there.
@Component
class RemovalLedger {
    /// How long a claim holds: longer than every call to a cluster that is made under it may take.
    static final Duration LEASE = Duration.ofSeconds(60);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Actor ADOPTION = Actor.system("adoption");

    private final JdbcClient jdbc;
    private final Adoptions adoptions;
    private final AuditLog audit;
    private final RecordState state;

    RemovalLedger(JdbcClient jdbc, Adoptions adoptions, AuditLog audit, RecordState state) {
        this.jdbc = jdbc;
        this.adoptions = adoptions;
        this.audit = audit;
        this.state = state;
    }

    /// Claims what is due for the current tenant, oldest first, and not in clusters that nothing is delivered to for now. Every
    /// adoption all of whose requests are approved is due from then on: that is seen here, so that no event can be lost.
    /// Nothing while the record is not whole.
    @Transactional
    public List<Removal> claim(int limit) {
        if (state.stopped().isPresent()) {
            return List.of();
        }
        jdbc.sql("""
                        insert into adoption_removal (tenant_id, adoption_id, state, due_at)
                        select a.tenant_id, a.id, 'WAITING', now()
                        from adoption a
                        where a.tenant_id = :tenant
                          and not exists (select from adoption_removal m where m.tenant_id = a.tenant_id and m.adoption_id = a.id)
                          and not exists (
                              select from adoption_rule r
                              join access_request q on q.tenant_id = r.tenant_id and q.id = r.request_id
                              where r.tenant_id = a.tenant_id
                                and r.adoption_id = a.id
                                and q.state <> 'APPROVED')
                        on conflict on constraint adoption_removal_pk do nothing""")
                .param("tenant", CurrentTenant.require().value())
                .update();
        record Claimed(UUID adoption, long fence, int attempts, boolean begun) {}
        return jdbc.sql("""
                        with due as (
                            select m.tenant_id, m.adoption_id
                            from adoption_removal m
                            join adoption a on a.tenant_id = m.tenant_id and a.id = m.adoption_id
                            where m.tenant_id = :tenant
                              and m.due_at <= now()
                              and (m.lease_until is null or m.lease_until < now())
                              and not exists (
                                  select from cluster_breaker b
                                  where b.tenant_id = a.tenant_id
                                    and b.cluster_id = a.cluster_id
                                    and b.opened_at is not null)
                            order by m.due_at
                            limit :limit
                            for update of m skip locked)
                        update adoption_removal m
                        set lease_until = now() + make_interval(secs => :lease),
                            fence = m.fence + 1
                        from due d
                        where (m.tenant_id, m.adoption_id) = (d.tenant_id, d.adoption_id)
                        returning m.adoption_id, m.fence, m.attempts, m.state = 'REMOVING'""")
                .param("tenant", CurrentTenant.require().value())
                .param("limit", limit)
                .param("lease", LEASE.toSeconds())
                .query((row, number) -> new Claimed(row.getObject(1, UUID.class), row.getLong(2), row.getInt(3), row.getBoolean(4)))
                .list()
                .stream()
                .map(claimed -> new Removal(adoptions.find(claimed.adoption()).orElseThrow(), claimed.fence(), claimed.attempts(), claimed.begun()))
                .toList();
    }

    /// Puts on the record that the object is being removed, the whole of it, and says again that we are at it: directly before it is
    /// deleted. False when the claim is no longer ours: then nothing may be deleted.
    @Transactional
    public boolean begin(Removal removal, ClusterObject object, List<Long> grants) {
        audit.hold();
        int held = jdbc.sql("""
                        update adoption_removal
                        set state_since = case when state = 'REMOVING' then state_since else now() end,
                            state = 'REMOVING',
                            lease_until = now() + make_interval(secs => :lease)
                        where (tenant_id, adoption_id) = (:tenant, :adoption)
                          and state in ('WAITING', 'REMOVING')
                          and fence = :fence
                          and lease_until > now()""")
                .param("lease", LEASE.toSeconds())
                .param("tenant", CurrentTenant.require().value())
                .param("adoption", removal.adoption().id())
                .param("fence", removal.fence())
                .update();
        if (held == 1 && !removal.begun()) {
            append("adoption.removing", removal, "began to remove " + place(removal) + ": its rules are in force by " + AdoptionDesk.requests(removal.adoption().requests()),
                    new RemovingFact(removal.adoption().number(), removal.adoption().cluster().id(), removal.adoption().inCluster(), object.uid(),
                            object.resourceVersion(), removal.adoption().requests(), grants, object.tree()));
        }
        return held == 1;
    }

    /// Writes down what became of it. False when the claim was no longer ours: the newer holder tells the story.
    @Transactional
    public boolean record(Removal removal, RemovalReceipt receipt) {
        audit.hold();
        return switch (receipt) {
            case RemovalReceipt.Removed() -> {
                String words = foundGone(removal);
                if (!end(removal, "REMOVED", words, "")) {
                    yield false;
                }
                boolean ours = words.isEmpty();
                append("adoption.removed", removal, ours ? "removed " + place(removal) + " by adoption " + removal.adoption().number()
                        : "found " + place(removal) + " removed by another hand", new EndFact(removal.adoption().number(), removal.adoption().cluster().id(),
                                removal.adoption().inCluster(), "REMOVED", ours, words, removal.adoption().requests()));
                yield true;
            }
            case RemovalReceipt.Stopped(String words, String advice) -> {
                if (!end(removal, "STOPPED", words, advice)) {
                    yield false;
                }
                append("adoption.stopped", removal, "did not remove " + place(removal) + ": " + shortened(words, 300), new EndFact(removal.adoption().number(),
                        removal.adoption().cluster().id(), removal.adoption().inCluster(), "STOPPED", false, shortened(words, 3_900), removal.adoption().requests()));
                yield true;
            }
            case RemovalReceipt.Postponed(String words, String advice, Optional<Duration> retryAfter) ->
                postponed(removal, words, advice, retryAfter.orElseGet(() -> Pause.after(removal.attempts(), LONGEST_PAUSE)));
        };
    }

    /// "" for what was begun, in this claim or an earlier one; else another hand was quicker.
    private String foundGone(Removal removal) {
        boolean begun = jdbc.sql("select state = 'REMOVING' from adoption_removal where (tenant_id, adoption_id) = (?, ?)")
                .params(CurrentTenant.require().value(), removal.adoption().id())
                .query(Boolean.class)
                .single();
        return begun ? "" : "Another hand had removed the policy from the cluster before the portal did.";
    }

    private boolean end(Removal removal, String end, String words, String advice) {
        return jdbc.sql("""
                        update adoption_removal
                        set state = :state,
                            state_since = now(),
                            words = :words,
                            advice = :advice,
                            due_at = null,
                            lease_until = null
                        where (tenant_id, adoption_id) = (:tenant, :adoption)
                          and fence = :fence
                          and due_at is not null""")
                .param("state", end)
                .param("words", shortened(words, 3_900))
                .param("advice", shortened(advice, 900))
                .param("tenant", CurrentTenant.require().value())
                .param("adoption", removal.adoption().id())
                .param("fence", removal.fence())
                .update() == 1;
    }

    private boolean postponed(Removal removal, String words, String advice, Duration pause) {
        return jdbc.sql("""
                        update adoption_removal
                        set words = :words,
                            advice = :advice,
                            attempts = attempts + 1,
                            due_at = now() + make_interval(secs => :pause),
                            lease_until = null
                        where (tenant_id, adoption_id) = (:tenant, :adoption)
                          and fence = :fence
                          and due_at is not null""")
                .param("words", shortened(words, 3_900))
                .param("advice", shortened(advice, 900))
                .param("pause", pause.toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("adoption", removal.adoption().id())
                .param("fence", removal.fence())
                .update() == 1;
    }

    private void append(String kind, Removal removal, String sentence, Object fact) {
        audit.append(new AuditEvent(kind, ADOPTION, AdoptionDesk.subject(removal.adoption().number()), sentence, fact).aboutRequests(removal.adoption().requests()));
    }

    private static String place(Removal removal) {
        return removal.adoption().inCluster() + " in cluster " + removal.adoption().cluster().name();
    }

    private static String shortened(String text, int longest) {
        String clean = text.replace("\u0000", "");
        return clean.length() <= longest ? clean : clean.substring(0, longest - 1) + "…";
    }

    /// The authority and the object: everything that is needed to make it again.
    private record RemovingFact(
            long number, UUID clusterId, String policy, String uid, String resourceVersion, List<Long> requests, List<Long> grants, Map<String, Object> object) {}

    private record EndFact(long number, UUID clusterId, String policy, String state, boolean byUs, String words, List<Long> requests) {}
}
