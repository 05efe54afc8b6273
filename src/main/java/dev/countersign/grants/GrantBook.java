package dev.countersign.grants;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.AskJson;
import dev.countersign.requests.Place;
import dev.countersign.requests.RequestApproved;
import dev.countersign.requests.RequestProgress;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// The one pen of grants: writes them, and ends them. Each change, its entry in the record and its event are one transaction.
@Component
class GrantBook {
    static final int BATCH = 100;
    private static final int MOST_REASON = 4_000;
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("d MMMM uuuu HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final RequestProgress requests;
    private final Rollouts rollouts;

    GrantBook(JdbcClient jdbc, AuditLog audit, ApplicationEventPublisher events, RequestProgress requests, Rollouts rollouts) {
        this.rollouts = rollouts;
        this.jdbc = jdbc;
        this.audit = audit;
        this.events = events;
        this.requests = requests;
    }

    /// One grant for each place of the approved request, in the transaction of the deciding review. What the rollout plan leaves to a
    /// later wave is held.
    @EventListener
    @Transactional(propagation = Propagation.MANDATORY)
    public void approved(RequestApproved approved) {
        List<Grant> grants = new ArrayList<>();
        long number = nextNumber();
        for (Place place : approved.places()) {
            Grant grant = granted(approved, place, UUID.randomUUID(), number++);
            write(grant);
            audit.append(new AuditEvent("grant.created", approved.decidedBy(), subject(grant.number()),
                    "granted: " + grant.sentence().text() + " in " + place.cluster().name()
                            + approved.period().end(approved.decidedAt()).map(end -> " until " + MINUTE.format(end)).orElse(" without an end"),
                    GrantFact.of(grant)).aboutRequests(List.of(grant.requestNumber())));
            grants.add(grant);
        }
        Rollouts.Split split = rollouts.split(approved.places());
        if (rollouts.atOnce(split, grants)) {
            grants.forEach(rollouts::letIn);
        } else {
            rollouts.start(split, grants);
        }
    }

    static Grant granted(RequestApproved approved, Place place, UUID id, long number) {
        return new Grant(id, number, approved.requestId(), approved.number(), approved.version(), approved.digest(), approved.ask(), place,
                approved.requester(), approved.requesterName(), approved.decidedAt(), approved.period().end(approved.decidedAt()), GrantState.ACTIVE,
                Optional.empty(), Optional.empty());
    }

    Revocation revoke(CurrentPerson me, long number, String words) {
        Optional<Grant> found = jdbc.sql(GrantRow.COLUMNS + " where g.number = :number for update of g")
                .param("number", number)
                .query(GrantRow::grant)
                .optional();
        if (found.isEmpty()) {
            return new Revocation.Unknown();
        }
        Grant grant = found.get();
        if (!me.mayUse(Scope.REVIEW)) {
            return new Revocation.NotYours("This token lacks the scope review. Use one that has it.");
        }
        if (!concerns(me, grant)) {
            return new Revocation.NotYours("The team that owns " + grant.place().target().workload()
                    + ", security, an administrator, or whoever holds this access can end it. Ask one of them.");
        }
        if (!grant.state().stands()) {
            return new Revocation.Ended(grant.state(), "Grant " + number + " has ended already"
                    + grant.end().map(end -> ", by " + end.by().name()).orElse("") + ". Nothing is left to revoke.");
        }
        String reason = words.strip();
        if (reason.isEmpty() || reason.codePointCount(0, reason.length()) > MOST_REASON) {
            return new Revocation.ReasonNeeded("Say in 1 to 4,000 characters why the access ends; the record keeps your words.");
        }
        if (!end(grant, GrantState.REVOKED, me.actor(), reason)) {
            return new Revocation.Ended(GrantState.REVOKED, "Grant " + number + " was ended by somebody else just now. Nothing is left to revoke.");
        }
        return new Revocation.Revoked(number);
    }

    /// Ends what is over by the database's clock, never early; grants that another replica is just ending are left to it.
    /// Returns how many ended.
    @Transactional(propagation = Propagation.MANDATORY)
    int expireDue() {
        List<Grant> due = jdbc.sql(GrantRow.COLUMNS + """
                        where g.ends_at <= now()
                          and e.grant_id is null
                        order by g.ends_at, g.number
                        limit :batch
                        for update of g skip locked""")
                .param("batch", BATCH)
                .query(GrantRow::grant)
                .list();
        due.forEach(grant -> end(grant, GrantState.EXPIRED, Actor.system("expiry"), "Its time is over."));
        return due.size();
    }

    /// How long until the next grant is over by the database's clock, rounded up to a millisecond; empty where that is not within `horizon`.
    @Transactional(propagation = Propagation.MANDATORY)
    Optional<Duration> untilNextEnd(Duration horizon) {
        return jdbc.sql("""
                        select ceil(extract(epoch from g.ends_at - clock_timestamp()) * 1000)::bigint
                        from access_grant g
                        where g.tenant_id = :tenant
                          and g.ends_at > now()
                          and g.ends_at <= now() + make_interval(secs => :horizon)
                          and not exists (select from grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)
                        order by g.ends_at
                        limit 1""")
                .param("tenant", CurrentTenant.require().value())
                .param("horizon", horizon.toSeconds())
                .query(Long.class)
                .optional()
                .map(millis -> Duration.ofMillis(Math.max(1, millis)));
    }

    /// False where another transaction ended it between our look and our lock: its end stands.
    private boolean end(Grant grant, GrantState state, Actor by, String reason) {
        Optional<Instant> at = jdbc.sql("""
                        insert into grant_end (tenant_id, grant_id, state, at, actor_kind, actor_id, actor_name, reason)
                        values (:tenant, :grant, :state, now(), :actorKind, :actorId, :actorName, :reason)
                        on conflict on constraint grant_end_pk do nothing
                        returning at""")
                .param("tenant", CurrentTenant.require().value())
                .param("grant", grant.id())
                .param("state", state.name())
                .param("actorKind", by.kind().name())
                .param("actorId", by.id())
                .param("actorName", by.name())
                .param("reason", reason)
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
        at.ifPresent(moment -> {
            audit.append(new AuditEvent(state == GrantState.REVOKED ? "grant.revoked" : "grant.expired", by, subject(grant.number()),
                    (state == GrantState.REVOKED ? "revoked grant " : "ended grant ") + grant.number() + ", " + grant.sentence().text()
                            + " in " + grant.place().cluster().name(),
                    new GrantEnded(grant.id(), grant.number(), grant.requestNumber(), state, moment, by, reason)).aboutRequests(List.of(grant.requestNumber())));
            events.publishEvent(new GrantsChanged(grant.place().cluster().id(), grant.targets()));
        });
        return at.isPresent();
    }

    private boolean concerns(CurrentPerson me, Grant grant) {
        if (me.is(Role.SECURITY) || me.is(Role.ADMINISTRATOR) || me.id().equals(grant.requester())) {
            return true;
        }
        return requests.look(grant.requestNumber()).stream()
                .map(requests::stakes)
                .flatMap(stakes -> Stream.concat(stakes.owners().stream(), stakes.beneficiaries().stream()))
                .map(TeamName::id)
                .anyMatch(me::memberOf);
    }

    private void write(Grant grant) {
        jdbc.sql("""
                        insert into access_grant (tenant_id, id, number, request_id, request_number, request_version, digest, ask,
                            cluster_id, cluster_name, trust_domain, namespace, workload, selector,
                            requester_id, requester_name, starts_at, ends_at)
                        values (:tenant, :id, :number, :request, :requestNumber, :version, :digest, :ask,
                            :cluster, :clusterName, :trustDomain, :namespace, :workload, :selector,
                            :requester, :requesterName, :from, :until)""")
                .param("tenant", CurrentTenant.require().value())
                .param("id", grant.id())
                .param("number", grant.number())
                .param("request", grant.requestId())
                .param("requestNumber", grant.requestNumber())
                .param("version", grant.requestVersion())
                .param("digest", grant.digest())
                .param("ask", AskJson.write(grant.ask()))
                .param("cluster", grant.place().cluster().id())
                .param("clusterName", grant.place().cluster().name())
                .param("trustDomain", grant.place().trustDomain())
                .param("namespace", grant.place().target().namespace())
                .param("workload", grant.place().target().workload())
                .param("selector", GrantRow.selector(grant.place().target().selector()))
                .param("requester", grant.requester())
                .param("requesterName", grant.requesterName())
                .param("from", utc(grant.from()))
                .param("until", grant.until().map(GrantBook::utc).orElse(null))
                .update();
    }

    /// Numbers have no gaps and no doubles: the record is held until the transaction ends.
    private long nextNumber() {
        audit.hold();
        return jdbc.sql("select coalesce(max(number), 0) + 1 from access_grant").query(Long.class).single();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    private static Subject subject(long number) {
        return new Subject("grant", Long.toString(number));
    }

    /// The whole promise, as the record keeps it.
    private record GrantFact(
            UUID id,
            long number,
            UUID request,
            long requestNumber,
            int requestVersion,
            String digest,
            Map<String, Object> ask,
            UUID cluster,
            String clusterName,
            String trustDomain,
            String namespace,
            String workload,
            Map<String, String> selector,
            UUID requester,
            String requesterName,
            Instant from,
            @Nullable Instant until) {
        static GrantFact of(Grant grant) {
            TargetWorkload target = grant.place().target();
            return new GrantFact(grant.id(), grant.number(), grant.requestId(), grant.requestNumber(), grant.requestVersion(),
                    grant.digest(), grant.ask().tree(), grant.place().cluster().id(), grant.place().cluster().name(),
                    grant.place().trustDomain(), target.namespace(), target.workload(), target.selector(), grant.requester(),
                    grant.requesterName(), grant.from(), grant.until().orElse(null));
        }
    }

    private record GrantEnded(
            UUID id, long number, long requestNumber, GrantState state, Instant at, Actor by, String reason) {}
}
