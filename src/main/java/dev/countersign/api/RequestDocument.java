package dev.countersign.api;

import dev.countersign.approval.Decision;
import dev.countersign.approval.Review;
import dev.countersign.approval.Standing;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryState;
import dev.countersign.delivery.RolloutProgress;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantState;
import dev.countersign.requests.ForeseenEffect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A request with everything that is known of it now.
///
/// - `digest`: what a review binds to; it changes with every version.
/// - `grantFor`, `until`: one of them, or both null for access without an end.
/// - `expiresAt`: when the request itself lapses undecided.
/// - `findings`: as of now, while it is open; empty once it is decided.
/// - `effect`: as of now, while it is open; once it is decided, as it was seen when the version was submitted.
/// - `stages`, `reviews`: of the present version. `delivery`: from the approval on, one a policy.
/// - `rollout`: how far it is delivered in waves; null where it is delivered at once.
/// - `adoption`: the adoption of a live policy of which this is a rule; null for most.
record RequestDocument(
        long number, RequestState state, int version, String digest, String summary, @Written(AskDocument.class) Map<String, Object> ask,
        JustificationDocument justification, Optional<String> grantFor, Optional<Instant> until, PersonDocument requester,
        List<TeamDocument> beneficiaries, Instant submittedAt, Instant expiresAt, List<RequestFindingDocument> findings,
        Optional<EffectDocument> effect, List<StageDocument> stages, List<ReviewDocument> reviews, List<GrantRefDocument> grants,
        List<DeliveryDocument> delivery, Optional<RolloutDocument> rollout, Optional<Long> adoption) {

    record JustificationDocument(String reason, Optional<String> ticket) {}

    enum Outcome {
        PENDING,
        APPROVED
    }

    /// `eligible`: `team:payments`, `role:SECURITY`, `person:...`; `reviews`: who agreed in it.
    record StageDocument(String name, int needed, List<String> eligible, List<ReviewDocument> reviews, int missing, Outcome outcome) {}

    record ReviewDocument(PersonDocument reviewer, Decision decision, String comment, Instant at) {}

    record GrantRefDocument(long id, String cluster, GrantState state) {}

    /// `revision` is the first that carries the request, 0 while a stop keeps it out of every one; APPLIED means that the cluster confirmed it.
    record DeliveryDocument(
            String cluster, DeliveryState state, List<String> policies, long revision, Optional<Instant> appliedAt, String words, String advice) {}

    /// A request in a list.
    record RequestLineDocument(
            long number, RequestState state, int version, String digest, String summary, PersonNameDocument requester, Instant submittedAt,
            Instant expiresAt) {}

    record PersonNameDocument(String name) {}

    record RequestListDocument(List<RequestLineDocument> items, Optional<String> next) {}

    static RequestDocument of(
            RequestView view, Optional<Foresight> foresight, Optional<ForeseenEffect> foreseen, Optional<Standing> standing, List<Grant> grants,
            List<DeliveryBoard.Standing> delivery, Optional<RolloutProgress> rollout, Optional<Long> adoption) {
        boolean open = !view.state().terminal();
        return new RequestDocument(view.number(), view.state(), view.version(), view.digest(), view.sentence().text(), view.ask().tree(),
                new JustificationDocument(view.justification().reason(), view.justification().ticket()),
                view.period() instanceof GrantPeriod.For(Duration length) ? Optional.of(iso(length)) : Optional.empty(),
                view.period() instanceof GrantPeriod.Until(Instant end) ? Optional.of(end) : Optional.empty(),
                PersonDocument.of(view.requester().id(), view.requester().name()),
                foresight.map(Foresight::beneficiaries).orElse(List.of()).stream().map(TeamDocument::of).toList(),
                view.submittedAt(), view.lapsesAt(),
                foresight.filter(ignored -> open).map(Foresight::findings).orElse(List.of()).stream().map(RequestFindingDocument::of).toList(),
                open ? foresight.flatMap(Foresight::effect).map(EffectDocument::of) : foreseen.map(EffectDocument::of),
                standing.map(Standing::stages).orElse(List.of()).stream().map(RequestDocument::stage).toList(),
                standing.map(Standing::reviews).orElse(List.of()).stream().map(RequestDocument::review).toList(),
                grants.stream().map(grant -> new GrantRefDocument(grant.number(), grant.place().cluster().name(), grant.state())).toList(),
                delivery.stream().map(RequestDocument::delivery).toList(), rollout.map(RolloutDocument::of), adoption);
    }

    static RequestLineDocument line(RequestView view) {
        return new RequestLineDocument(view.number(), view.state(), view.version(), view.digest(), view.sentence().text(),
                new PersonNameDocument(view.requester().name()), view.submittedAt(), view.lapsesAt());
    }

    private static StageDocument stage(Standing.StageStanding stage) {
        return new StageDocument(stage.name(), stage.needed(), stage.eligible(), stage.agreed().stream().map(RequestDocument::review).toList(),
                stage.missing(), stage.missing() == 0 ? Outcome.APPROVED : Outcome.PENDING);
    }

    private static ReviewDocument review(Review review) {
        return new ReviewDocument(PersonDocument.of(review.person(), review.personName()), review.decision(), review.comment(), review.at());
    }

    private static DeliveryDocument delivery(DeliveryBoard.Standing policy) {
        return new DeliveryDocument(policy.cluster().name(), policy.state(), List.of(policy.inCluster()), policy.revision(), policy.appliedAt(),
                policy.words(), policy.advice());
    }

    /// Whole days as days: P90D, where Java says PT2160H.
    private static String iso(Duration length) {
        return length.equals(Duration.ofDays(length.toDays())) ? "P" + length.toDays() + "D" : length.toString();
    }
}
