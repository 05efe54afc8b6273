package dev.countersign.api;

import dev.countersign.adoption.Adoption;
import dev.countersign.adoption.AdoptionDesk;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Effect;
import dev.countersign.requests.ForeseenEffect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestView;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Puts together what the rooms know of a request.
@Component
class RequestFile {
    private final RequestDesk desk;
    private final RequestProgress progress;
    private final ReviewBoard board;
    private final GrantLedger ledger;
    private final DeliveryBoard delivery;
    private final AdoptionDesk adoptions;
    private final RolloutDesk rollouts;

    RequestFile(RequestDesk desk, RequestProgress progress, ReviewBoard board, GrantLedger ledger, DeliveryBoard delivery, AdoptionDesk adoptions, RolloutDesk rollouts) {
        this.rollouts = rollouts;
        this.desk = desk;
        this.progress = progress;
        this.board = board;
        this.ledger = ledger;
        this.delivery = delivery;
        this.adoptions = adoptions;
    }

    /// A request as read, and as answered: the version that the tag stands for is the one in `view`, whatever happens next.
    record Seen(RequestView view, Optional<Effect> effect, Answer answer) {}

    /// Throws NotFound for a number that the tenant does not have.
    Seen see(CurrentPerson me, long number) {
        RequestView view = desk.find(number).orElseThrow(() -> new Problem.NotFound("request " + number));
        Optional<ForeseenEffect> foreseen = view.state().terminal() ? desk.foreseen(number) : Optional.empty();
        Optional<Foresight> foresight = desk.foresight(number);
        return new Seen(view, foresight.flatMap(Foresight::effect), Answer.tagged(RequestDocument.of(view, foresight, foreseen, board.standing(me, number),
                ledger.ofRequest(number), delivery.forRequest(number), rollouts.look(number), adoptions.ofRequest(number).map(Adoption::number))));
    }

    Answer of(CurrentPerson me, long number) {
        return see(me, number).answer();
    }

    /// For a change in the caller's transaction: nobody changes the request between the look at `If-Match` and the change.
    /// Throws NotFound and Stale.
    Seen hold(CurrentPerson me, long number, HttpServletRequest request) {
        if (progress.lock(number).isEmpty()) {
            throw new Problem.NotFound("request " + number);
        }
        Seen seen = see(me, number);
        EntityTag.heed(request, seen.answer());
        return seen;
    }
}
