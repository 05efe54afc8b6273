package dev.countersign.delivery;

import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.MadeAs;
import dev.countersign.grants.Rollout.Wave;
import dev.countersign.grants.Rollouts;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.requests.RequestProgress;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Shows how far a rollout is, and lets a person let its next wave in: before its pause is over, where the plan asks for a person, or
/// although something stopped it.
///
/// - Who may: security and administrators; never the requester, nor who belongs to a team that gains.
/// - It is decided on the digest of what was shown. Where something moved meanwhile, nothing happens.
/// - A stop of deliveries is not passed over: it is released first.
///
/// The decision, its entry in the record and the revisions that follow from it are one transaction.
@Service
public class RolloutDesk {
    private static final int MOST_REASON = 4_000;

    private final Rollouts rollouts;
    private final RolloutWatch watch;
    private final RequestProgress requests;

    RolloutDesk(Rollouts rollouts, RolloutWatch watch, RequestProgress requests) {
        this.rollouts = rollouts;
        this.watch = watch;
        this.requests = requests;
    }

    /// How far the rollout of the request is; empty where it is not delivered in waves.
    @Transactional(readOnly = true)
    public Optional<RolloutProgress> look(long request) {
        return rollouts.of(request).map(watch::of);
    }

    @Transactional
    public Continuing goOn(CurrentPerson me, long request, String digest, String words) {
        Optional<Rollout> found = rollouts.of(request);
        if (found.isEmpty()) {
            return new Continuing.Unknown("rollout of request " + request);
        }
        if (!me.mayUse(Scope.REVIEW)) {
            return new Continuing.NotYours("This token lacks the scope review. Use one that has it.");
        }
        Optional<String> barred = barred(me, request);
        if (barred.isPresent()) {
            return new Continuing.NotYours(barred.get());
        }
        String reason = words.strip();
        if (reason.isEmpty() || reason.codePointCount(0, reason.length()) > MOST_REASON) {
            return new Continuing.ReasonNeeded("Say in 1 to 4,000 characters why the next wave may go; the record keeps your words.");
        }
        rollouts.hold(List.of(found.get()));
        RolloutProgress now = watch.of(rollouts.of(request).orElseThrow());
        if (now.next().isEmpty()) {
            return new Continuing.Nothing("No wave of request " + request + " is left to let in. Nothing has to be done.");
        }
        if (!now.digest().equals(digest)) {
            return new Continuing.Moved("Since you looked, the rollout has moved. Look again, and decide on what you see.", now.digest());
        }
        if (!now.stopped().isEmpty()) {
            DeliveryStop stop = now.stopped().getFirst();
            return new Continuing.Stopped(stop.number(), "Deliveries of " + stop.what() + " in cluster " + stop.cluster().name() + " were " + stop.words() + " Release stop "
                    + stop.number() + " first.");
        }
        Wave next = now.next().get();
        now.current().ifPresent(step -> rollouts.left(now.rollout(), step.wave(), step.delivered() && step.wave().deliveredAt().isPresent()));
        rollouts.continued(now.rollout(), next, now.step(next).standing(), me.is(Role.SECURITY) ? MadeAs.SECURITY : MadeAs.ADMINISTRATOR, now.halts(), me.actor(), reason);
        return new Continuing.Continued(next.number());
    }

    @Transactional(readOnly = true)
    public boolean mayGoOn(CurrentPerson me, long request) {
        return me.mayUse(Scope.REVIEW) && barred(me, request).isEmpty();
    }

    /// Why this person does not let waves of the request in; empty where they do.
    private Optional<String> barred(CurrentPerson me, long request) {
        if (!me.is(Role.SECURITY) && !me.is(Role.ADMINISTRATOR)) {
            return Optional.of("Security and administrators let the waves of a rollout in. Ask one of them.");
        }
        RequestProgress.Locked asked = requests.look(request).orElseThrow();
        return asked.requester().equals(me.id()) || requests.stakes(asked).beneficiaries().stream().anyMatch(team -> me.memberOf(team.id()))
                ? Optional.of("You asked for this, or a team of yours gains by it. Let somebody else of security, or another administrator, decide.")
                : Optional.empty();
    }
}
