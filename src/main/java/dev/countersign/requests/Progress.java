package dev.countersign.requests;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditLog;
import dev.countersign.requests.RequestStates.Command;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Moves requests forward for the room that decides.
@Service
class Progress implements RequestProgress {
    private final RequestLists lists;
    private final Foreseer foreseer;
    private final ForeseenEffects foreseen;
    private final AuditLog audit;
    private final Tenants tenants;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final ObjectProvider<RequestTies> ties;

    Progress(RequestLists lists, Foreseer foreseer, ForeseenEffects foreseen, AuditLog audit, Tenants tenants, JdbcClient jdbc,
            ApplicationEventPublisher events, ObjectProvider<RequestTies> ties) {
        this.lists = lists;
        this.foreseer = foreseer;
        this.foreseen = foreseen;
        this.audit = audit;
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.events = events;
        this.ties = ties;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Locked> lock(long number) {
        return lists.lock(number).map(Progress::locked);
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Locked> lockOpen(long number) {
        return lists.lockOpen(number).map(Progress::locked);
    }

    @Override
    @Transactional(readOnly = true)
    public Optional<Locked> look(long number) {
        return lists.find(number).map(Progress::locked);
    }

    private static Locked locked(RequestView view) {
        return new Locked(view.id(), view.number(), view.version(), view.state(), view.digest(), view.requester().id(), view.requester().name(),
                view.ask(), view.period(), view.places(), view.submittedAt(), view.lapsesAt());
    }

    @Override
    @Transactional(readOnly = true)
    public Stakes stakes(Locked request) {
        return foreseer.look(request.ask()).stakes(request.period());
    }

    @Override
    @Transactional(readOnly = true)
    public Outlook outlook(Locked request) {
        Foreseer.Look look = foreseer.look(request.ask());
        return new Outlook(look.stakes(request.period()), look.effect(tenant(), request.number()));
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Approval approval(Locked request) {
        audit.hold();
        return new Approval(request, foreseer.look(request.ask()));
    }

    private final class Approval implements RequestProgress.Approval {
        private final Locked request;
        private final Foreseer.Look look;

        Approval(Locked request, Foreseer.Look look) {
            this.request = request;
            this.look = look;
        }

        @Override
        public Stakes stakes() {
            return look.stakes(request.period());
        }

        @Override
        public Optional<String> changed(Optional<String> shown) {
            Optional<Effect> now = look.effect(tenant(), request.number());
            if (now.isEmpty()) {
                return Optional.of("What request " + request.number() + " would open and cut cannot be said now: something that it names is gone."
                        + " Open it to see what, and ask for changes.");
            }
            boolean same = shown.map(now.get().digest()::equals)
                    .orElseGet(() -> foreseen.find(request.number()).map(then -> then.covers(now.get())).orElse(false));
            return same ? hindrance(request) : Optional.of("What request " + request.number() + " would open and cut has changed since "
                    + (shown.isPresent() ? "you were shown it" : "it was submitted") + ". Open it, look at the effect as it is now, and decide on that.");
        }
    }

    private Optional<String> hindrance(Locked locked) {
        RequestTies tied = ties.getIfAvailable();
        return tied == null ? Optional.empty() : tied.hindersApproval(locked.number());
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void approved(Locked locked, Actor decidedBy) {
        Instant at = become(locked, Command.APPROVE);
        events.publishEvent(new RequestApproved(locked.id(), locked.number(), locked.version(), locked.digest(),
                locked.ask(), locked.places(), locked.period(), locked.requester(), locked.requesterName(), decidedBy, at));
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void rejected(Locked locked) {
        become(locked, Command.REJECT);
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void changesRequested(Locked locked) {
        become(locked, Command.REQUEST_CHANGES);
    }

    /// Carries out the command on what was locked, and on nothing else. Returns the moment of the transaction.
    private Instant become(Locked locked, Command command) {
        return RequestStates.after(locked.state(), command)
                .flatMap(next -> jdbc.sql("""
                                update access_request
                                set state = :next,
                                    row_version = row_version + 1
                                where id = :id
                                  and state = :state
                                  and version = :version
                                  and digest = :digest
                                returning now()""")
                        .param("next", next.name())
                        .param("id", locked.id())
                        .param("state", locked.state().name())
                        .param("version", locked.version())
                        .param("digest", locked.digest())
                        .query(OffsetDateTime.class)
                        .optional())
                .map(OffsetDateTime::toInstant)
                .orElseThrow(() -> new IllegalStateException(command + " is not possible for request " + locked.number() + " version "
                        + locked.version() + ", which was locked in " + locked.state()));
    }

    private String tenant() {
        return tenants.byId(CurrentTenant.require()).orElseThrow().slug();
    }
}
