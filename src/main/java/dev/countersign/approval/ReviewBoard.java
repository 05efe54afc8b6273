package dev.countersign.approval;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestState;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of approval: people say what they think of a request, and it is settled when enough of the right ones agree.
///
/// - Every word is given under the row lock of the request, in one transaction with what it causes: of two at the same moment
///   one is first, and the other is told.
/// - Who may decide is computed in that transaction from roles, teams and ownership as they are then, never from the session.
/// - A word belongs to the digest that was shown: of anything else it is refused as stale.
/// - An approval belongs to the effect that was shown too: where the request would by now open or cut something else, it is
///   refused as stale.
@Service
public class ReviewBoard {
    private final RequestProgress requests;
    private final Plans plans;
    private final Rosters rosters;
    private final Reviews reviews;
    private final QueueStandings standings;
    private final ReviewRecord record;

    ReviewBoard(RequestProgress requests, Plans plans, Rosters rosters, Reviews reviews, QueueStandings standings, ReviewRecord record) {
        this.requests = requests;
        this.plans = plans;
        this.rosters = rosters;
        this.reviews = reviews;
        this.standings = standings;
        this.record = record;
    }

    /// Says `decision` about what has `digest`. Requester and beneficiaries never decide; one word a person and version; a
    /// rejection and a wish for changes need a comment, an approval where the rule says so. Agrees to the effect that was foreseen at
    /// submission, and to less than that.
    @Transactional
    public Deciding decide(CurrentPerson me, long number, Decision decision, String digest, String comment) {
        return decide(me, number, decision, digest, Optional.empty(), comment);
    }

    /// As above, agreeing to exactly the effect with the digest `effect` (`Effect.digest`), which was shown.
    @Transactional
    public Deciding decide(CurrentPerson me, long number, Decision decision, String digest, Optional<String> effect, String comment) {
        Optional<RequestProgress.Locked> found = requests.lockOpen(number);
        if (found.isEmpty()) {
            return new Deciding.Unknown();
        }
        RequestProgress.Locked request = found.get();
        if (!me.mayUse(Scope.REVIEW)) {
            return new Deciding.NotEligible("This token lacks the scope review. Use one that has it, or decide in the browser.");
        }
        if (request.state() != RequestState.SUBMITTED) {
            return notOpen(request);
        }
        Optional<Deciding> stale = Hearing.stale(request, digest);
        if (stale.isPresent()) {
            return stale.get();
        }
        Plan plan = plans.of(request.id(), request.version());
        List<Review> before = reviews.of(request.id(), request.version());
        Optional<RequestProgress.Approval> approval = decision == Decision.APPROVE ? Optional.of(requests.approval(request)) : Optional.empty();
        Concern concern = plan.concern(request, approval.map(RequestProgress.Approval::stakes).orElseGet(() -> requests.stakes(request)));
        Roster roster = rosters.of(plan.rule(), concern, Optional.of(me.id()));
        Hearing hearing = Hearing.of(plan, concern, roster, before);
        String words = comment.strip();
        Optional<Deciding> refusal = hearing.refuses(me.id(), decision, words);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Optional<String> changed = approval.flatMap(agreed -> agreed.changed(effect));
        if (changed.isPresent()) {
            return new Deciding.Stale(request.version(), request.digest(), changed.get());
        }
        Review review = reviews.write(request.id(), me.id(), me.getName(), request.version(), digest, decision, words);
        List<Review> all = hearing.with(review);
        return settle(me, request, plan, hearing.tally(all), review, all);
    }

    private Deciding settle(
            CurrentPerson me, RequestProgress.Locked request, Plan plan, Tally tally, Review review, List<Review> all) {
        RequestState after = Hearing.after(tally);
        record.reviewed(me.actor(), request, plan, tally, review, all);
        standings.update(request.id(), tally);
        if (after != RequestState.SUBMITTED) {
            reviews.settle(request.id(), request.version(), after, tally, me.id(), me.getName());
        }
        switch (tally.outcome()) {
            case PENDING -> {}
            case APPROVED -> requests.approved(request, me.actor());
            case REJECTED -> requests.rejected(request);
            case CHANGES_REQUESTED -> requests.changesRequested(request);
        }
        return new Deciding.Recorded(request.number(), request.version(), after, after == RequestState.SUBMITTED ? StageWords.missing(tally) : "");
    }

    private Deciding notOpen(RequestProgress.Locked request) {
        Optional<Reviews.LastWord> settled = reviews.lastWord(request.id(), request.version());
        String how = switch (request.state()) {
            case APPROVED -> "is approved";
            case REJECTED -> "is rejected";
            case CHANGES_REQUESTED -> "is back with the requester, who may change it";
            case WITHDRAWN -> "was withdrawn by the requester";
            case LAPSED -> "lapsed before it was decided";
            case SUBMITTED -> throw new IllegalStateException("request " + request.number() + " is open");
        };
        return new Deciding.NotOpen(request.state(), settled.map(Reviews.LastWord::at),
                "Request " + request.number() + " " + how + settled.map(by -> ", by the word of " + by.by()).orElse("") + ". Nothing is left to decide.");
    }

    /// How far the request has come, as `me` sees it; empty where unknown to the tenant.
    @Transactional(readOnly = true)
    public Optional<Standing> standing(CurrentPerson me, long number) {
        return requests.look(number).map(request -> {
            Plan plan = plans.of(request.id(), request.version());
            Concern concern = plan.concern(request, requests.stakes(request));
            Roster roster = rosters.of(plan.rule(), concern, Optional.of(me.id()));
            return Standings.of(me, request, plan, Eligibility.of(plan.rule(), concern, roster), roster,
                    reviews.of(request.id(), request.version()), reviews.settlement(request.id(), request.version()));
        });
    }
}
