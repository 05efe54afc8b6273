package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.api.SuspensionDocument.ResumingDocument;
import dev.countersign.api.SuspensionDocument.RollbackDocument;
import dev.countersign.api.SuspensionDocument.SuspensionListDocument;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RollingBack;
import dev.countersign.grants.Suspension;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Rolling a policy back to an earlier revision, and lifting that.
@RestController
class SuspensionsApi {
    private final RollbackDesk desk;
    private final ClusterRegistry clusters;
    private final SignedText signed;
    private final Posts posts;

    SuspensionsApi(RollbackDesk desk, ClusterRegistry clusters, SignedText signed, Posts posts) {
        this.desk = desk;
        this.clusters = clusters;
        this.signed = signed;
        this.posts = posts;
    }

    /// Which policy goes back to which revision, on the digest of what was shown, and why.
    record RollbackBody(String cluster, String namespace, String policy, int revision, String digest, String reason) {
        static RollbackBody read(Member body) {
            body.objectOf("cluster", "namespace", "policy", "revision", "digest", "reason");
            Member revision = body.of("revision");
            if (revision.absent()) {
                revision.wrong("This is missing.");
            }
            return new RollbackBody(body.of("cluster").text(63), body.of("namespace").text(63), body.of("policy").text(253),
                    revision.whole(1, Integer.MAX_VALUE).orElse(0), body.of("digest").text(71), body.of("reason").text(4_000));
        }
    }

    /// Why callers may come in again, on the digest of what was shown.
    record ResumptionBody(String digest, String reason) {
        static ResumptionBody read(Member body) {
            body.objectOf("digest", "reason");
            return new ResumptionBody(body.of("digest").text(71), body.of("reason").text(4_000));
        }
    }

    @Endpoint(summary = "What rolling a policy back to an earlier revision would do", scope = Scope.READ, answer = RollbackDocument.class, tagged = true,
            description = "A roll back only closes: it suspends the active grants that the revision did not carry. Send its digest with the decision.")
    @GetMapping(path = "/api/v1/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision}/rollback", produces = "application/json")
    ResponseEntity<byte[]> look(@PathVariable String name, @PathVariable String namespace, @PathVariable String policy, @PathVariable long revision, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(clusters.find(name)
                .flatMap(cluster -> desk.look(new PolicyKey(cluster.id(), namespace, policy), revision))
                .map(RollbackDocument::of)
                .orElseThrow(() -> new Problem.NotFound("earlier revision " + revision + " of a policy " + namespace + "/" + policy + " in a cluster " + name))));
    }

    @Endpoint(summary = "Suspensions, newest first", scope = Scope.READ, answer = SuspensionListDocument.class, query = {"state", "cluster", "limit", "cursor"}, refusals = 422)
    @GetMapping(path = "/api/v1/suspensions", produces = "application/json")
    ResponseEntity<byte[]> list(HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.state, Name.cluster, Name.limit, Name.cursor);
        Optional<String> name = wanted.text(Name.cluster);
        Optional<UUID> cluster = name.flatMap(clusters::find).map(ClusterView::id);
        if (name.isPresent() && cluster.isEmpty()) {
            wanted.refuse("cluster", "There is no such cluster here. See /api/v1/clusters.");
        }
        Set<Wanted> states = wanted.words(Name.state, Wanted.class);
        int limit = wanted.limit();
        Optional<Long> before = wanted.position(signed).map(Long::valueOf);
        wanted.check();
        Optional<Boolean> holding = states.size() == 1 ? Optional.of(states.contains(Wanted.HOLDING)) : Optional.empty();
        List<Suspension> found = desk.list(cluster, holding, before, limit + 1);
        Optional<String> next = found.size() > limit ? Optional.of(wanted.cursor(signed, Long.toString(found.get(limit - 1).number()))) : Optional.empty();
        return Listing.answer(request, wanted, new SuspensionListDocument(found.stream().limit(limit).map(SuspensionDocument::of).toList(), next), next);
    }

    /// What a list is narrowed to: those that keep grants out, or those that no longer do.
    enum Wanted {
        HOLDING,
        ENDED
    }

    @Endpoint(summary = "One suspension", scope = Scope.READ, answer = SuspensionDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/suspensions/{number}", produces = "application/json")
    ResponseEntity<byte[]> one(@PathVariable long number, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(document(number)));
    }

    @Endpoint(summary = "Roll a policy back to an earlier revision", scope = Scope.REVIEW, body = RollbackBody.class, answer = SuspensionDocument.class, status = 201, refusals = 404,
            tagged = true, description = "By security and the owning team. Refused with the digest of what it would do now where that is not the one that was sent.")
    @PostMapping(path = "/api/v1/suspensions", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> rollBack(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            RollbackBody wanted = Member.body(body, RollbackBody::read);
            UUID cluster = clusters.find(wanted.cluster()).map(ClusterView::id).orElseThrow(() -> new Problem.NotFound("cluster " + wanted.cluster()));
            return answer(desk.rollBack(me, new PolicyKey(cluster, wanted.namespace(), wanted.policy()), wanted.revision(), wanted.digest(), wanted.reason()));
        });
    }

    @Endpoint(summary = "What lifting a suspension would do", scope = Scope.READ, answer = ResumingDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/suspensions/{number}/resumption", produces = "application/json")
    ResponseEntity<byte[]> lookAtResuming(@PathVariable long number, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(desk.lookAtResuming(number).map(ResumingDocument::of)
                .orElseThrow(() -> new Problem.NotFound("suspension " + number + " that keeps a grant out"))));
    }

    @Endpoint(summary = "Lift a suspension", scope = Scope.REVIEW, body = ResumptionBody.class, answer = SuspensionDocument.class, refusals = {409, 412}, tagged = true,
            description = "By security, or by the right by which it was made. What was approved and has not ended lets callers in again.")
    @PostMapping(path = "/api/v1/suspensions/{number}/resumption", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> resume(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            ResumptionBody wanted = Member.body(body, ResumptionBody::read);
            EntityTag.heed(request, Answer.tagged(document(number)));
            return answer(desk.resume(me, number, wanted.digest(), wanted.reason()));
        });
    }

    private Answer answer(RollingBack outcome) {
        return switch (outcome) {
            case RollingBack.Suspended(long number) -> Answer.tagged(document(number)).created("/api/v1/suspensions/" + number);
            case RollingBack.Resumed(long number) -> Answer.tagged(document(number));
            case RollingBack.NotYours(String message) -> throw new Problem.Forbidden(message);
            case RollingBack.Moved(String message, String digest, long current) -> throw new Problem.Conflict(message, Map.of("digest", digest, "current", current));
            case RollingBack.Nothing(String message) -> throw new Problem.Conflict(message);
            case RollingBack.ReasonNeeded(String message) -> throw new Problem.Refused(message, List.of(new Problem.Wrong("/reason", "CS9422", message)));
            case RollingBack.Impossible(String message) -> throw new Problem.Refused(message, List.of());
            case RollingBack.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private SuspensionDocument document(long number) {
        return desk.find(number).map(SuspensionDocument::of).orElseThrow(() -> new Problem.NotFound("suspension " + number));
    }
}
