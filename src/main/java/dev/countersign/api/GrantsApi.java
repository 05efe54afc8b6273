package dev.countersign.api;

import dev.countersign.api.GrantDocument.GrantListDocument;
import dev.countersign.api.Parameters.Name;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantFilter;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantPage;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Revocation;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// What is allowed now, and taking it back.
@RestController
class GrantsApi {
    private final GrantLedger ledger;
    private final ClusterRegistry clusters;
    private final SignedText signed;
    private final Posts posts;

    GrantsApi(GrantLedger ledger, ClusterRegistry clusters, SignedText signed, Posts posts) {
        this.ledger = ledger;
        this.clusters = clusters;
        this.signed = signed;
        this.posts = posts;
    }

    /// Why the access ends.
    record RevocationBody(String reason) {
        static RevocationBody read(Member body) {
            body.objectOf("reason");
            return new RevocationBody(body.of("reason").text(4_000));
        }
    }

    @Endpoint(summary = "Grants, newest first", scope = Scope.READ, answer = GrantListDocument.class,
            query = {"state", "cluster", "namespace", "workload", "mine", "endingWithinDays", "limit", "cursor"}, refusals = 422)
    @GetMapping(path = "/api/v1/grants", produces = "application/json")
    ResponseEntity<byte[]> list(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.state, Name.cluster, Name.namespace, Name.workload, Name.mine, Name.endingWithinDays, Name.limit, Name.cursor);
        Optional<String> name = wanted.text(Name.cluster);
        Optional<UUID> cluster = name.flatMap(clusters::find).map(ClusterView::id);
        if (name.isPresent() && cluster.isEmpty()) {
            wanted.refuse("cluster", "There is no such cluster here. See /api/v1/clusters.");
        }
        GrantFilter filter = new GrantFilter(wanted.words(Name.state, GrantState.class), cluster, wanted.text(Name.namespace), wanted.text(Name.workload),
                wanted.truth(Name.mine) ? Optional.of(me.id()) : Optional.empty(),
                wanted.number(Name.endingWithinDays, 1, 3_660).map(Long::intValue));
        int limit = wanted.limit();
        Optional<Long> before = wanted.position(signed).map(Long::valueOf);
        wanted.check();
        GrantPage page = ledger.list(filter, before, limit);
        Optional<String> next = page.next().map(number -> wanted.cursor(signed, number.toString()));
        return Listing.answer(request, wanted, new GrantListDocument(page.grants().stream().map(GrantDocument::of).toList(), next), next);
    }

    @Endpoint(summary = "One grant", scope = Scope.READ, answer = GrantDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/grants/{id}", produces = "application/json")
    ResponseEntity<byte[]> one(@PathVariable long id, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(GrantDocument.of(known(id))));
    }

    @Endpoint(summary = "Take a grant back", scope = Scope.REVIEW, body = RevocationBody.class, answer = GrantDocument.class, refusals = {409, 412}, tagged = true,
            description = "The access ends at once; the policies follow. The owning team, security, administrators, and whoever holds the access may.")
    @PostMapping(path = "/api/v1/grants/{id}/revocation", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> revoke(@AuthenticationPrincipal CurrentPerson me, @PathVariable long id, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            RevocationBody wanted = Member.body(body, RevocationBody::read);
            EntityTag.heed(request, Answer.tagged(GrantDocument.of(known(id))));
            return switch (ledger.revoke(me, id, wanted.reason())) {
                case Revocation.Revoked(long number) -> Answer.tagged(GrantDocument.of(known(number)));
                case Revocation.NotYours(String message) -> throw new Problem.Forbidden(message);
                case Revocation.Ended(GrantState state, String message) -> throw new Problem.Conflict(message, Map.of("state", state.name()));
                case Revocation.ReasonNeeded(String message) ->
                    throw new Problem.Refused(message, List.of(new Problem.Wrong("/reason", "CS9422", message)));
                case Revocation.Unknown() -> throw new Problem.NotFound("grant " + id);
            };
        });
    }

    private Grant known(long id) {
        return ledger.find(id).orElseThrow(() -> new Problem.NotFound("grant " + id));
    }
}
