package dev.countersign.requests;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Foreseer.Seen;
import dev.countersign.requests.RequestStates.Command;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Asking, changing, withdrawing: each in one transaction with its record. Locks are taken in the order request, number, record.
@Service
class Requests implements RequestDesk {
    private final AccessRequests stored;
    private final RequestLists lists;
    private final Foreseer foreseer;
    private final RequestNumbers numbers;
    private final SubmissionKeys keys;
    private final RequestSettings settings;
    private final ForeseenEffects foreseen;
    private final RequestRecord record;
    private final DatabaseTime time;
    private final JdbcClient jdbc;
    private final Tenants tenants;
    private final ApplicationEventPublisher events;
    private final ObjectProvider<RequestTies> ties;

    Requests(AccessRequests stored, RequestLists lists, Foreseer foreseer, RequestNumbers numbers, SubmissionKeys keys,
            RequestSettings settings, ForeseenEffects foreseen, RequestRecord record, DatabaseTime time, JdbcClient jdbc, Tenants tenants,
            ApplicationEventPublisher events, ObjectProvider<RequestTies> ties) {
        this.stored = stored;
        this.lists = lists;
        this.foreseer = foreseer;
        this.numbers = numbers;
        this.keys = keys;
        this.settings = settings;
        this.foreseen = foreseen;
        this.record = record;
        this.time = time;
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.events = events;
        this.ties = ties;
    }

    @Override
    @Transactional(readOnly = true)
    public Foresight preview(CurrentPerson me, Draft draft) {
        return foreseer.see(me.tenantSlug(), me.id(), draft).foresight();
    }

    @Override
    @Transactional
    public Submission submit(CurrentPerson me, Draft draft) {
        Seen seen = foreseer.see(me.tenantSlug(), me.id(), draft);
        if (!seen.foresight().submittable()) {
            return new Submission.Refused(seen.foresight());
        }
        Instant now = time.now();
        AccessRequest request = stored.saveAndFlush(new AccessRequest(UUID.randomUUID(), numbers.next(), me.id(), me.getName(), draft,
                seen.places(), now, now.plus(settings.current().requestLifetime())));
        keepVersion(request.view(), now);
        record.submitted(me.actor(), request.view(), foreseen.keep(request.view(), seen.foresight(), now));
        events.publishEvent(new RequestSubmitted(request.view().id(), request.number(), request.version(), seen.outlook()));
        return new Submission.Submitted(request.number());
    }

    @Override
    @Transactional
    public Submission submitOnce(CurrentPerson me, String key, Draft draft) {
        Optional<Long> before = keys.take(me.id(), key);
        if (before.isPresent()) {
            return new Submission.Submitted(before.get());
        }
        Submission submission = submit(me, draft);
        if (submission instanceof Submission.Submitted(long number)) {
            keys.became(me.id(), key, number);
        }
        return submission;
    }

    @Override
    @Transactional
    public Revising revise(CurrentPerson me, long number, Draft draft, OptionalInt expectedVersion) {
        Optional<AccessRequest> found = stored.findByNumber(number);
        if (found.isEmpty()) {
            return new Revising.Unknown();
        }
        AccessRequest request = found.get();
        if (!request.requesterId().equals(me.id())) {
            return new Revising.NotYours();
        }
        Instant now = time.now();
        if (request.lapsed(now)) {
            return new Revising.NotOpen(RequestState.LAPSED);
        }
        if (RequestStates.after(request.state(), Command.REVISE).isEmpty()) {
            return new Revising.NotOpen(request.state());
        }
        if (expectedVersion.isPresent() && expectedVersion.getAsInt() != request.version()) {
            return new Revising.Stale(request.version());
        }
        Seen seen = foreseer.see(me.tenantSlug(), me.id(), draft, number);
        Foresight foresight = pinned(request, draft).map(seen.foresight()::refusing).orElse(seen.foresight());
        if (!foresight.submittable()) {
            return new Revising.Refused(foresight);
        }
        request.become(Command.REVISE);
        request.revise(draft, seen.places(), now.plus(settings.current().requestLifetime()));
        stored.flush();
        keepVersion(request.view(), now);
        record.revised(me.actor(), request.view(), foreseen.keep(request.view(), seen.foresight(), now));
        events.publishEvent(new RequestSubmitted(request.view().id(), number, request.version(), seen.outlook()));
        return new Revising.Revised(request.version());
    }

    /// Why the request may not ask for what it is to ask for now.
    private Optional<FieldProblem> pinned(AccessRequest request, Draft draft) {
        RequestTies tied = ties.getIfAvailable();
        return tied == null || request.view().ask().equals(draft.ask())
                ? Optional.empty()
                : tied.hindersOtherAsk(request.number()).map(words -> new FieldProblem("/ask", words));
    }

    @Override
    @Transactional
    public Withdrawal withdraw(CurrentPerson me, long number, String words) {
        Optional<AccessRequest> found = stored.findByNumber(number);
        if (found.isEmpty()) {
            return new Withdrawal.Unknown();
        }
        AccessRequest request = found.get();
        if (!request.requesterId().equals(me.id())) {
            return new Withdrawal.NotYours();
        }
        Instant now = time.now();
        if (request.lapsed(now)) {
            return new Withdrawal.NotOpen(RequestState.LAPSED);
        }
        Optional<RequestState> hindered = request.become(Command.WITHDRAW);
        if (hindered.isPresent()) {
            return new Withdrawal.NotOpen(hindered.get());
        }
        stored.flush();
        jdbc.sql("insert into request_withdrawal (tenant_id, request_id, actor_id, actor_name, words, at) values (?, ?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), request.getId(), me.actor().id(), me.actor().name(), words, at(now))
                .update();
        record.withdrawn(me.actor(), request, words);
        return new Withdrawal.Withdrawn();
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<RequestView> find(long number) {
        return lists.find(number);
    }

    @Override
    @Transactional(readOnly = true)
    public Set<Long> known(Set<Long> numbers) {
        return lists.known(numbers);
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<Foresight> foresight(long number) {
        String tenant = tenants.byId(CurrentTenant.require()).orElseThrow().slug();
        return lists.find(number).map(view -> foreseer.see(tenant, view.requester().id(),
                new Draft(view.ask(), view.justification(), view.period()), number).foresight());
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<ForeseenEffect> foreseen(long number) {
        return foreseen.find(number);
    }

    @Override
    @Transactional(readOnly = true)
    public RequestPage list(RequestFilter filter, Optional<Long> before, int limit) {
        return lists.list(filter, before, limit);
    }

    @Override
    @Transactional(readOnly = true)
    public RequestLine.Page lines(RequestFilter filter, Optional<Long> before, int limit) {
        return lists.lines(filter, before, limit);
    }

    private void keepVersion(RequestView view, Instant now) {
        jdbc.sql("""
                        insert into request_version (tenant_id, request_id, version, digest, ask, places, sentence, reason, ticket,
                                                     grant_minutes, grant_until, at)
                        select tenant_id, id, version, digest, ask, places, sentence, reason, ticket, grant_minutes, grant_until, :at
                        from access_request
                        where id = :id""")
                .param("id", view.id())
                .param("at", at(now))
                .update();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
