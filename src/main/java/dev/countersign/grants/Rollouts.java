package dev.countersign.grants;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.grants.Rollout.Continuation;
import dev.countersign.grants.Rollout.Halt;
import dev.countersign.grants.Rollout.MadeAs;
import dev.countersign.grants.Rollout.State;
import dev.countersign.grants.Rollout.Wave;
import dev.countersign.requests.Place;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The one pen of rollouts, and how they are read. When a wave may be let in is for the room to say that knows what clusters hold.
/// Each change and its entry in the record are one transaction: the caller's.
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class Rollouts {
    private static final Actor ROLLOUT = Actor.system("rollout");
    private static final int MOST_WORDS = 4_000;

    private static final String COLUMNS = """
            select o.request_id, o.request_number, o.plan_version, o.started_at, w.wave, w.name, w.pause_seconds, w.by_person, w.state, w.state_since, w.words, w.delivered_at,
                   w.delivered_at + make_interval(secs => w.pause_seconds) as rests_until,
                   coalesce(w.delivered_at + make_interval(secs => w.pause_seconds) <= now(), false) as rested,
                   a.at as admitted_at, c.made_as, c.waived, c.reason, c.at as continued_at, c.actor_kind, c.actor_id, c.actor_name,
                   (select array_agg(d.grant_id order by g.number)
                    from rollout_grant d
                    join access_grant g on g.tenant_id = d.tenant_id and g.id = d.grant_id
                    where (d.tenant_id, d.request_id, d.wave) = (w.tenant_id, w.request_id, w.wave)) as grants
            from rollout o
            join rollout_wave w on w.tenant_id = o.tenant_id and w.request_id = o.request_id
            left join rollout_admission a on (a.tenant_id, a.request_id, a.wave) = (w.tenant_id, w.request_id, w.wave)
            left join rollout_continuation c on (c.tenant_id, c.request_id, c.wave) = (w.tenant_id, w.request_id, w.wave)
            where o.tenant_id = :tenant
            """;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final RolloutPlans plans;
    private final Baselines baselines;

    Rollouts(JdbcClient jdbc, AuditLog audit, ApplicationEventPublisher events, RolloutPlans plans, Baselines baselines) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.events = events;
        this.plans = plans;
        this.baselines = baselines;
    }

    /// How a request's places fall into waves.
    record Split(int plan, List<Part> parts) {
        record Part(String name, Duration pause, boolean byPerson, List<Place> places) {}
    }

    /// By the plan of now; one part without a plan. Waves that nothing of it is in are left out.
    Split split(List<Place> places) {
        RolloutPlan plan = plans.present();
        Map<RolloutPlan.Wave, List<Place>> parts = new LinkedHashMap<>();
        plan.waves().forEach(wave -> parts.put(wave, new ArrayList<>()));
        for (Place place : places) {
            plan.waves().stream().filter(wave -> wave.takes(place)).findFirst().ifPresent(wave -> parts.get(wave).add(place));
        }
        List<Split.Part> taken = parts.entrySet().stream()
                .filter(part -> !part.getValue().isEmpty())
                .map(part -> new Split.Part(part.getKey().name(), part.getKey().pause(), part.getKey().byPerson(), part.getValue()))
                .toList();
        return plan.none() ? new Split(0, List.of(new Split.Part("everywhere", Duration.ZERO, false, places))) : new Split(plan.version(), taken);
    }

    /// Whether these grants are let in at once: there is one wave, and its policies would cut nothing that is held.
    boolean atOnce(Split split, List<Grant> grants) {
        return split.parts().size() == 1 && baselines.cut(ids(grants), grants.getFirst().requestNumber()).isEmpty();
    }

    /// Writes the rollout and lets the first wave in, unless its policies would cut what is held. `grants` are written.
    void start(Split split, List<Grant> grants) {
        Grant one = grants.getFirst();
        jdbc.sql("insert into rollout (tenant_id, request_id, request_number, plan_version) values (?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), one.requestId(), one.requestNumber(), split.plan())
                .update();
        List<WaveFact> facts = new ArrayList<>();
        for (Split.Part part : split.parts()) {
            int number = facts.size() + 1;
            List<Grant> in = grants.stream().filter(grant -> part.places().contains(grant.place())).toList();
            jdbc.sql("insert into rollout_wave (tenant_id, request_id, wave, name, pause_seconds, by_person, state) values (?, ?, ?, ?, ?, ?, 'WAITING')")
                    .params(CurrentTenant.require().value(), one.requestId(), number, part.name(), part.pause().toSeconds(), part.byPerson())
                    .update();
            in.forEach(grant -> jdbc.sql("insert into rollout_grant (tenant_id, grant_id, request_id, wave) values (?, ?, ?, ?)")
                    .params(CurrentTenant.require().value(), grant.id(), one.requestId(), number)
                    .update());
            facts.add(new WaveFact(number, part.name(), part.pause().toSeconds(), part.byPerson(), in.stream().map(Rollouts::fact).toList()));
        }
        Rollout rollout = of(one.requestNumber()).orElseThrow();
        audit.append(new AuditEvent("rollout.started", ROLLOUT, subject(rollout), "began to deliver request " + one.requestNumber() + " in " + waves(split.parts().size()) + ": "
                + split.parts().stream().map(Split.Part::name).collect(Collectors.joining(", then ")),
                new Started(one.requestId(), one.requestNumber(), split.plan(), facts)).aboutRequests(List.of(one.requestNumber())));
        Wave first = rollout.waves().getFirst();
        if (baselines.cut(first.grants(), rollout.request()).isEmpty()) {
            admit(rollout, first, grants.stream().filter(grant -> first.grants().contains(grant.id())).toList(), ROLLOUT);
        }
    }

    public Optional<Rollout> of(long request) {
        return rollouts(COLUMNS + " and o.request_number = :request order by w.wave", Map.of("request", request)).stream().findFirst();
    }

    /// The requests whose open rollouts are to be looked at now: at most `most`, those after the ones that were given out last, and from the
    /// first again once the last was. None where any replica was given some less than `pause` ago.
    public List<Long> turn(int most, Duration pause) {
        Optional<Long> after = jdbc.sql("""
                        insert into rollout_round as r (tenant_id)
                        select :tenant
                        where exists (select from rollout_wave w where w.tenant_id = :tenant and w.state <> 'DONE')
                        on conflict on constraint rollout_round_pk do update
                        set looked_at = now()
                        where r.looked_at <= now() - make_interval(secs => :pause)
                        returning after_request""")
                .param("tenant", CurrentTenant.require().value())
                .param("pause", pause.toMillis() / 1000.0)
                .query(Long.class)
                .optional();
        if (after.isEmpty()) {
            return List.of();
        }
        List<Long> requests = jdbc.sql("""
                        select o.request_number
                        from (select distinct w.request_id from rollout_wave w where w.tenant_id = :tenant and w.state <> 'DONE') as open
                        join rollout o on (o.tenant_id, o.request_id) = (:tenant, open.request_id)
                        where o.request_number > :after
                        order by o.request_number
                        limit :most""")
                .param("tenant", CurrentTenant.require().value())
                .param("after", after.get())
                .param("most", most)
                .query(Long.class)
                .list();
        long next = requests.size() < most ? 0 : requests.getLast();
        if (next != after.get()) {
            jdbc.sql("update rollout_round set after_request = ? where tenant_id = ?").params(next, CurrentTenant.require().value()).update();
        }
        return requests;
    }

    /// The rollouts of these requests, by request.
    public List<Rollout> of(List<Long> requests) {
        return requests.isEmpty() ? List.of()
                : rollouts(COLUMNS + " and o.request_number = any (:requests) order by o.request_number, w.wave", Map.of("requests", requests.toArray(Long[]::new)));
    }

    /// Which wave a grant waits for; empty unless it is held.
    public Optional<HeldBack> heldBack(Grant grant) {
        return grant.state() != GrantState.HELD ? Optional.empty() : of(grant.requestNumber()).flatMap(rollout -> rollout.waveOf(grant.id())
                .map(wave -> new HeldBack(rollout.request(), wave.number(), rollout.waves().size(), wave.name())));
    }

    /// What has stopped the rollout and was not waived by a person.
    public List<Halt> halts(Rollout rollout) {
        List<String> waived = rollout.waves().stream().flatMap(wave -> wave.continued().stream()).flatMap(one -> one.waived().stream()).toList();
        return jdbc.sql("""
                        select 'suspension ' || s.number as key,
                               'The policy in ' || s.namespace || ' of cluster ' || s.cluster_name || ' was rolled back to revision ' || s.to_revision || ' (suspension ' || s.number || ').' as words
                        from suspension s
                        where s.tenant_id = :tenant
                          and exists (select
                                      from suspended_grant d
                                      join rollout_grant r on r.tenant_id = d.tenant_id and r.grant_id = d.grant_id
                                      where d.tenant_id = s.tenant_id
                                        and d.suspension_number = s.number
                                        and r.request_id = :request)
                        union all
                        select 'grant ' || g.number,
                               'Grant ' || g.number || ' in cluster ' || g.cluster_name || ' was revoked.'
                        from rollout_grant r
                        join access_grant g on g.tenant_id = r.tenant_id and g.id = r.grant_id
                        join grant_end e on e.tenant_id = r.tenant_id and e.grant_id = r.grant_id
                        where r.tenant_id = :tenant
                          and r.request_id = :request
                          and e.state = 'REVOKED'
                        order by 1""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", rollout.requestId())
                .query((row, number) -> new Halt(row.getString("key"), row.getString("words")))
                .stream()
                .filter(halt -> !waived.contains(halt.key()))
                .toList();
    }

    /// The requests, each with the wave of it, whose held grants the first policies of `wave` would cut.
    public Map<Long, Integer> cut(Rollout rollout, Wave wave) {
        Map<Long, Integer> cut = new TreeMap<>();
        baselines.cut(wave.grants(), rollout.request()).forEach(held -> cut.merge(held.request(), held.wave(), Math::max));
        return cut;
    }

    /// Keeps the ends of the rollouts' grants out, then everything else that changes grants, until the transaction ends. In this order,
    /// as those who end a grant take the grant first.
    public void hold(Collection<Rollout> held) {
        jdbc.sql("""
                        select g.number
                        from access_grant g
                        where g.tenant_id = :tenant
                          and g.id = any (:grants)
                        order by g.number
                        for update of g""")
                .param("tenant", CurrentTenant.require().value())
                .param("grants", held.stream().flatMap(rollout -> rollout.waves().stream()).flatMap(wave -> wave.grants().stream()).toArray(UUID[]::new))
                .query((row, number) -> row.getLong(1))
                .list();
        audit.hold();
    }

    /// Lets a wave in: from now on `standing`, its grants that have not ended, are in what clusters are to hold.
    public void admit(Rollout rollout, Wave wave, List<Grant> standing, Actor by) {
        jdbc.sql("insert into rollout_admission (tenant_id, request_id, wave) values (?, ?, ?)")
                .params(CurrentTenant.require().value(), rollout.requestId(), wave.number())
                .update();
        state(rollout, wave, State.RUNNING, "");
        audit.append(new AuditEvent("rollout.wave-admitted", by, subject(rollout), "let in " + said(rollout, wave) + ": " + named(standing),
                new Moved(rollout.requestId(), rollout.request(), wave.number(), standing.stream().map(Rollouts::fact).toList())).aboutRequests(List.of(rollout.request())));
        for (Grant grant : standing) {
            letIn(grant);
        }
    }

    /// From now on a policy is to have it.
    void letIn(Grant grant) {
        grant.targets().forEach(target -> baselines.close(grant.place().cluster().id(), target, grant.id()));
        events.publishEvent(new GrantsChanged(grant.place().cluster().id(), grant.targets()));
    }

    /// Nothing of the wave is on its way any more, for the first time: `delivered` are in their clusters, the others ended or are kept out.
    public void delivered(Rollout rollout, Wave wave, List<Grant> delivered) {
        jdbc.sql("update rollout_wave set delivered_at = now() where (tenant_id, request_id, wave) = (?, ?, ?) and delivered_at is null")
                .params(CurrentTenant.require().value(), rollout.requestId(), wave.number())
                .update();
        audit.append(new AuditEvent("rollout.wave-done", ROLLOUT, subject(rollout), "finished " + said(rollout, wave) + ": " + named(delivered),
                new Moved(rollout.requestId(), rollout.request(), wave.number(), delivered.stream().map(Rollouts::fact).toList())).aboutRequests(List.of(rollout.request())));
    }

    /// How a wave stands from now on, where that is another state; the record tells when it is stopped, and when it no longer is.
    public void stand(Rollout rollout, Wave wave, State state, String why) {
        String words = why.substring(0, Math.min(why.length(), MOST_WORDS));
        if (wave.state() == state && wave.words().equals(words)) {
            return;
        }
        state(rollout, wave, state, words);
        if (state == State.STOPPED) {
            audit.append(new AuditEvent("rollout.halted", ROLLOUT, subject(rollout), "halted the rollout at " + said(rollout, wave),
                    new Stood(rollout.requestId(), rollout.request(), wave.number(), words)).aboutRequests(List.of(rollout.request())));
        } else if (wave.state() == State.STOPPED) {
            audit.append(new AuditEvent("rollout.resumed", ROLLOUT, subject(rollout), "went on with the rollout at " + said(rollout, wave),
                    new Stood(rollout.requestId(), rollout.request(), wave.number(), "")).aboutRequests(List.of(rollout.request())));
        }
    }

    /// The one after it is let in: it is DONE, or RUNNING where not all of it is delivered.
    public void left(Rollout rollout, Wave wave, boolean delivered) {
        state(rollout, wave, delivered ? State.DONE : State.RUNNING, "");
    }

    /// A person lets `wave` in, early or although the rollout was stopped.
    public void continued(Rollout rollout, Wave wave, List<Grant> standing, MadeAs madeAs, List<Halt> waived, Actor by, String reason) {
        admit(rollout, wave, standing, by);
        jdbc.sql("""
                        insert into rollout_continuation (tenant_id, request_id, wave, made_as, waived, reason, actor_kind, actor_id, actor_name)
                        values (:tenant, :request, :wave, :madeAs, :waived, :reason, :kind, :id, :name)""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", rollout.requestId())
                .param("wave", wave.number())
                .param("madeAs", madeAs.name())
                .param("waived", waived.stream().map(Halt::key).toArray(String[]::new))
                .param("reason", reason)
                .param("kind", by.kind().name())
                .param("id", by.id())
                .param("name", by.name())
                .update();
        audit.append(new AuditEvent("rollout.continued", by, subject(rollout), "continued the rollout with " + said(rollout, wave),
                new Continued(rollout.requestId(), rollout.request(), wave.number(), madeAs, waived.stream().map(Halt::key).toList(), reason))
                .aboutRequests(List.of(rollout.request())));
    }

    private void state(Rollout rollout, Wave wave, State state, String words) {
        jdbc.sql("""
                        update rollout_wave
                        set state_since = case when state = :state then state_since else now() end,
                            state = :state,
                            words = :words
                        where (tenant_id, request_id, wave) = (:tenant, :request, :wave)""")
                .param("state", state.name())
                .param("words", words)
                .param("tenant", CurrentTenant.require().value())
                .param("request", rollout.requestId())
                .param("wave", wave.number())
                .update();
    }

    private List<Rollout> rollouts(String sql, Map<String, ?> params) {
        record Line(UUID requestId, long request, int plan, Instant startedAt, Wave wave) {}
        Map<UUID, List<Line>> lines = jdbc.sql(sql)
                .param("tenant", CurrentTenant.require().value())
                .params(params)
                .query((row, number) -> new Line(row.getObject("request_id", UUID.class), row.getLong("request_number"), row.getInt("plan_version"),
                        GrantRow.instant(row, "started_at").orElseThrow(), wave(row)))
                .stream()
                .collect(Collectors.groupingBy(Line::requestId, LinkedHashMap::new, Collectors.toList()));
        return lines.values().stream()
                .map(of -> new Rollout(of.getFirst().requestId(), of.getFirst().request(), of.getFirst().plan(), of.getFirst().startedAt(), of.stream().map(Line::wave).toList()))
                .toList();
    }

    private static Wave wave(ResultSet row) throws SQLException {
        return new Wave(row.getInt("wave"), row.getString("name"), Duration.ofSeconds(row.getLong("pause_seconds")), row.getBoolean("by_person"),
                State.valueOf(row.getString("state")), GrantRow.instant(row, "state_since").orElseThrow(), row.getString("words"), GrantRow.instant(row, "admitted_at"),
                GrantRow.instant(row, "delivered_at"), GrantRow.instant(row, "rests_until"), row.getBoolean("rested"), continuation(row),
                Arrays.asList((UUID[]) row.getArray("grants").getArray()));
    }

    private static Optional<Continuation> continuation(ResultSet row) throws SQLException {
        OffsetDateTime at = row.getObject("continued_at", OffsetDateTime.class);
        return at == null ? Optional.empty()
                : Optional.of(new Continuation(new Actor(Actor.Kind.valueOf(row.getString("actor_kind")), row.getString("actor_id"), row.getString("actor_name")), at.toInstant(),
                        MadeAs.valueOf(row.getString("made_as")), row.getString("reason"), Arrays.asList((String[]) row.getArray("waived").getArray())));
    }

    private static List<UUID> ids(List<Grant> grants) {
        return grants.stream().map(Grant::id).toList();
    }

    private static Subject subject(Rollout rollout) {
        return new Subject("rollout", Long.toString(rollout.request()));
    }

    /// "wave 2 of 3 of request 7 (Staging)".
    private static String said(Rollout rollout, Wave wave) {
        return "wave " + wave.number() + " of " + rollout.waves().size() + " of request " + rollout.request() + " (" + wave.name() + ")";
    }

    private static String waves(int count) {
        return count == 1 ? "one wave" : count + " waves";
    }

    /// "grant 7 in demo, grant 9 in west".
    private static String named(List<Grant> grants) {
        Stream<String> names = grants.stream().map(grant -> "grant " + grant.number() + " in " + grant.place().cluster().name());
        return grants.isEmpty() ? "no grant of it is left" : names.collect(Collectors.joining(", "));
    }

    private static GrantFact fact(Grant grant) {
        return new GrantFact(grant.id(), grant.number(), grant.place().cluster().id(), grant.place().cluster().name(), grant.place().target().namespace(),
                grant.place().target().workload());
    }

    private record GrantFact(UUID id, long number, UUID clusterId, String cluster, String namespace, String workload) {}

    private record WaveFact(int wave, String name, long pauseSeconds, boolean byPerson, List<GrantFact> grants) {}

    private record Started(UUID requestId, long request, int plan, List<WaveFact> waves) {}

    /// `grants`: those that are delivered from now on, or are by now; the others had ended.
    private record Moved(UUID requestId, long request, int wave, List<GrantFact> grants) {}

    /// `words`: why it was halted.
    private record Stood(UUID requestId, long request, int wave, String words) {}

    private record Continued(UUID requestId, long request, int wave, MadeAs madeAs, List<String> waived, String reason) {}
}
