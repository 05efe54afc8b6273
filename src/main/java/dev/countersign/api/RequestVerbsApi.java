package dev.countersign.api;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.requests.Draft;
import dev.countersign.requests.Effect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.Revising;
import dev.countersign.requests.Withdrawal;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// What happens to a request: it is changed, decided, withdrawn.
@RestController
class RequestVerbsApi {
    private final RequestDesk desk;
    private final ReviewBoard board;
    private final RequestFile file;
    private final Posts posts;
    private final TransactionTemplate transaction;

    RequestVerbsApi(RequestDesk desk, ReviewBoard board, RequestFile file, Posts posts, PlatformTransactionManager transactions) {
        this.desk = desk;
        this.board = board;
        this.file = file;
        this.posts = posts;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Endpoint(summary = "A new version of one's own open request, which voids every review", scope = Scope.REQUEST, body = AccessRequestBody.class,
            orBody = AskDocument.class, answer = RequestDocument.class, tagged = true,
            description = "The body is a whole request, or an Ask alone, which keeps reason and period.")
    @PutMapping(path = "/api/v1/access-requests/{number}/ask", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> revise(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        Parameters.none(request);
        byte[] body = Bodies.required(sent);
        return Objects.requireNonNull(transaction.execute(status -> {
            if (desk.find(number).isPresent()) {
                EntityTag.require(request);
            }
            RequestView view = file.hold(me, number, request).view();
            Draft draft = AccessRequestBody.revision(body, view);
            return switch (desk.revise(me, number, draft, OptionalInt.of(view.version()))) {
                case Revising.Revised(int version) -> file.of(me, number);
                case Revising.Refused(Foresight foresight) -> throw AccessRequestBody.refused(foresight.refusals(), "");
                case Revising.NotYours() -> throw new Problem.Forbidden("Only who asked can change a request. Ask them, or send a request of your own.");
                case Revising.NotOpen(RequestState state) -> throw over(number, state);
                case Revising.Stale(int version) -> throw new Problem.Stale("Request " + number + " is at version " + version + " now. Read it again and send your change with the new ETag.");
                case Revising.Unknown() -> throw new Problem.NotFound("request " + number);
            };
        })).entity();
    }

    @Endpoint(summary = "Decide", scope = Scope.REVIEW, body = ReviewBody.class, answer = RequestDocument.class, refusals = 412, tagged = true,
            description = "One word a person and version, on exactly what has the digest. A digest that is not current is 409 and names the current one."
                    + " With If-Match an approval is to the effect as it was read; without, to the effect foreseen at submission or less: 409 where it would do more by now.")
    @PostMapping(path = "/api/v1/access-requests/{number}/reviews", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> review(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            ReviewBody word = Member.body(body, ReviewBody::read);
            RequestFile.Seen seen = file.hold(me, number, request);
            Optional<String> shown = request.getHeader("If-Match") == null ? Optional.empty() : seen.effect().map(Effect::digest);
            return switch (board.decide(me, number, word.decision(), word.digest(), shown, word.comment().orElse(""))) {
                case Deciding.Recorded recorded -> file.of(me, number);
                case Deciding.Stale(int version, String digest, String message) ->
                    throw new Problem.Conflict(message, Map.of("version", version, "digest", digest));
                case Deciding.NotOpen notOpen -> throw new Problem.Conflict(notOpen.message(), Map.of("state", notOpen.state().name()));
                case Deciding.NotEligible(String message) -> throw new Problem.Forbidden(message);
                case Deciding.AlreadySaid said -> throw new Problem.Conflict(said.message(), Map.of("decision", said.decision().name()));
                case Deciding.CommentRefused(String message) -> throw new Problem.Refused(message, List.of(new Problem.Wrong("/comment", "CS9422", message)));
                case Deciding.Unknown() -> throw new Problem.NotFound("request " + number);
            };
        });
    }

    @Endpoint(summary = "Withdraw one's own open request", scope = Scope.REQUEST, body = WithdrawalBody.class, bodyRequired = false, answer = RequestDocument.class, refusals = 412, tagged = true)
    @PostMapping(path = "/api/v1/access-requests/{number}/withdrawal", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> withdraw(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.orEmptyObject(sent);
        return posts.once(me, request, body, () -> {
            WithdrawalBody wanted = Member.body(body, WithdrawalBody::read);
            file.hold(me, number, request);
            return switch (desk.withdraw(me, number, wanted.words().orElse(""))) {
                case Withdrawal.Withdrawn() -> file.of(me, number);
                case Withdrawal.NotYours() -> throw new Problem.Forbidden("Only who asked can withdraw a request. Reviewers reject it instead.");
                case Withdrawal.NotOpen(RequestState state) -> throw over(number, state);
                case Withdrawal.Unknown() -> throw new Problem.NotFound("request " + number);
            };
        });
    }

    private static Problem.Conflict over(long number, RequestState state) {
        return new Problem.Conflict("Request " + number + " is " + state + " and stays so. Send a new request instead.", Map.of("state", state.name()));
    }
}
