package dev.countersign.requests;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditLog;
import dev.countersign.requests.RequestStates.Command;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Moves requests forward for the room that decides.
@Service
class Progress implements RequestProgress {
    private final AccessRequests stored;
    private final RequestLists lists;
    private final Foreseer foreseer;
    private final ForeseenEffects foreseen;
    private final AuditLog audit;
    private final Tenants tenants;
    private final DatabaseTime time;
    private final ApplicationEventPublisher events;
    private final ObjectProvider<RequestTies> ties;

    Progress(AccessRequests stored, RequestLists lists, Foreseer foreseer, ForeseenEffects foreseen, AuditLog audit, Tenants tenants,
            DatabaseTime time, ApplicationEventPublisher events, ObjectProvider<RequestTies> ties) {
        this.stored = stored;
        this.lists = lists;
        this.foreseer = foreseer;
        this.foreseen = foreseen;
        this.audit = audit;
        this.tenants = tenants;
        this.time = time;
        this.events = events;
        this.ties = ties;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Locked> lock(long number) {
        return lists.lock(number).map(Progress::locked);
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
        return foreseer.stakes(request.ask(), request.period());
    }

    @Override
    @Transactional(readOnly = true)
    public Outlook outlook(Locked request) {
        return foreseer.outlook(tenant(), request.ask(), request.period(), request.number());
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<String> changed(Locked locked, Optional<String> shown) {
        audit.hold();
        Optional<Effect> now = foreseer.effect(tenant(), locked.ask(), locked.number());
        if (now.isEmpty()) {
            return Optional.of("What request " + locked.number() + " would open and cut cannot be said now: something that it names is gone."
                    + " Open it to see what, and ask for changes.");
        }
        boolean same = shown.map(now.get().digest()::equals)
                .orElseGet(() -> foreseen.find(locked.number()).map(then -> then.covers(now.get())).orElse(false));
        return same ? hindrance(locked) : Optional.of("What request " + locked.number() + " would open and cut has changed since "
                + (shown.isPresent() ? "you were shown it" : "it was submitted") + ". Open it, look at the effect as it is now, and decide on that.");
    }

    private Optional<String> hindrance(Locked locked) {
        RequestTies tied = ties.getIfAvailable();
        return tied == null ? Optional.empty() : tied.hindersApproval(locked.number());
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void approved(Locked locked, Actor decidedBy) {
        become(locked, Command.APPROVE);
        events.publishEvent(new RequestApproved(locked.id(), locked.number(), locked.version(), locked.digest(),
                locked.ask(), locked.places(), locked.period(), locked.requester(), locked.requesterName(), decidedBy, time.now()));
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

    private void become(Locked locked, Command command) {
        AccessRequest request = stored.findById(locked.id())
                .orElseThrow(() -> new IllegalStateException("request " + locked.number() + " was locked and is gone"));
        if (locked.state() == RequestState.LAPSED || request.version() != locked.version()
                || !request.digest().equals(locked.digest()) || request.become(command).isPresent()) {
            throw new IllegalStateException(command + " is not possible for request " + locked.number() + " version "
                    + locked.version() + ": it is version " + request.version() + " in " + request.state());
        }
        stored.flush();
    }

    private String tenant() {
        return tenants.byId(CurrentTenant.require()).orElseThrow().slug();
    }
}
