package dev.countersign.api;

import dev.countersign.delivery.Continuing;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Change;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// The plan by which approvals reach their places in waves, and letting the next wave of a request in.
@RestController
class RolloutsApi {
    private static final String PLAN = "/api/v1/rollout-plan";

    private final RolloutPlans plans;
    private final RolloutDesk desk;
    private final RequestFile file;
    private final Posts posts;
    private final TransactionTemplate transaction;

    RolloutsApi(RolloutPlans plans, RolloutDesk desk, RequestFile file, Posts posts, PlatformTransactionManager transactions) {
        this.plans = plans;
        this.desk = desk;
        this.file = file;
        this.posts = posts;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// Why the next wave may go, on the digest of what was shown.
    record ContinuationBody(String digest, String reason) {
        static ContinuationBody read(Member body) {
            body.objectOf("digest", "reason");
            return new ContinuationBody(body.of("digest").text(71), body.of("reason").text(4_000));
        }
    }

    @Endpoint(summary = "In which waves approvals reach their places", scope = Scope.READ, answer = RolloutPlanDocument.class, tagged = true)
    @GetMapping(path = PLAN, produces = "application/json")
    ResponseEntity<byte[]> plan(HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, answer(plans.present()));
    }

    @Endpoint(summary = "Say in which waves approvals reach their places", scope = Scope.ADMIN, body = RolloutPlanBody.class, answer = RolloutPlanDocument.class, refusals = 409, tagged = true,
            description = "For administrators. It holds for what is approved from then on; no waves: everywhere at once. The last wave names no places and takes all the rest.")
    @PutMapping(path = PLAN, consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> change(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        Parameters.none(request);
        byte[] body = Bodies.required(sent);
        return Objects.requireNonNull(transaction.execute(status -> {
            RolloutPlan before = plans.present();
            EntityTag.require(request);
            EntityTag.heed(request, answer(before));
            return switch (plans.change(me, before.version(), Member.body(body, RolloutPlanBody::read).plan())) {
                case Change.Changed ignored -> answer(plans.present());
                case Change.Refused(List<RolloutPlan.Problem> problems) -> throw new Problem.Refused("The plan was not changed. See errors, correct what they name, and send it again.",
                        problems.stream().map(problem -> new Problem.Wrong("/waves/" + problem.index() + "/" + problem.field(), "CS9422", problem.message())).toList());
                case Change.Stale(int version, String message) -> throw new Problem.Conflict(message, Map.of("version", version));
                case Change.NotYours(String message) -> throw new Problem.Forbidden(message);
            };
        })).entity();
    }

    @Endpoint(summary = "Let the next wave of a rollout in", scope = Scope.REVIEW, body = ContinuationBody.class, answer = RequestDocument.class, refusals = {409, 412}, tagged = true,
            description = "By security and administrators, never by who asked or belongs to a team that gains. Refused with the digest of how it stands now where that is not the one that was sent.")
    @PostMapping(path = "/api/v1/access-requests/{number}/rollout/continuation", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> goOn(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            ContinuationBody wanted = Member.body(body, ContinuationBody::read);
            EntityTag.heed(request, file.of(me, number));
            return switch (desk.goOn(me, number, wanted.digest(), wanted.reason())) {
                case Continuing.Continued ignored -> file.of(me, number);
                case Continuing.NotYours(String message) -> throw new Problem.Forbidden(message);
                case Continuing.Moved(String message, String digest) -> throw new Problem.Conflict(message, Map.of("digest", digest));
                case Continuing.Stopped(long stop, String message) -> throw new Problem.Conflict(message, Map.of("stop", stop));
                case Continuing.Nothing(String message) -> throw new Problem.Conflict(message);
                case Continuing.ReasonNeeded(String message) -> throw new Problem.Refused(message, List.of(new Problem.Wrong("/reason", "CS9422", message)));
                case Continuing.Unknown(String what) -> throw new Problem.NotFound(what);
            };
        });
    }

    private static Answer answer(RolloutPlan plan) {
        return Answer.tagged(RolloutPlanDocument.of(plan));
    }
}
