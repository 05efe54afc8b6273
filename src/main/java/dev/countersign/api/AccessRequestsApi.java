package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.api.RequestDocument.PersonNameDocument;
import dev.countersign.api.RequestDocument.RequestLineDocument;
import dev.countersign.api.RequestDocument.RequestListDocument;
import dev.countersign.approval.Queue;
import dev.countersign.approval.QueueFilter;
import dev.countersign.approval.QueuePage;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.requests.Draft;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestFilter;
import dev.countersign.requests.RequestPage;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.Submission;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Asking for access, and reading what was asked. What happens to a request afterwards: `RequestVerbsApi`.
@RestController
class AccessRequestsApi {
    private final RequestDesk desk;
    private final Queue queue;
    private final RequestFile file;
    private final SignedText signed;
    private final Posts posts;

    AccessRequestsApi(RequestDesk desk, Queue queue, RequestFile file, SignedText signed, Posts posts) {
        this.desk = desk;
        this.queue = queue;
        this.file = file;
        this.signed = signed;
        this.posts = posts;
    }

    @Endpoint(summary = "Everything that submitting would say, storing nothing", scope = Scope.REQUEST, body = AccessRequestBody.class, answer = PreviewDocument.class)
    @PostMapping(path = "/api/v1/access-requests/preview", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> preview(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> Answer.of(PreviewDocument.of(desk.preview(me, AccessRequestBody.read(body)))));
    }

    @Endpoint(summary = "Ask for access", scope = Scope.REQUEST, body = AccessRequestBody.class, answer = RequestDocument.class, status = 201, tagged = true)
    @PostMapping(path = "/api/v1/access-requests", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> submit(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            Draft draft = AccessRequestBody.read(body);
            return switch (desk.submit(me, draft)) {
                case Submission.Submitted(long number) -> file.of(me, number).created("/api/v1/access-requests/" + number);
                case Submission.Refused(Foresight foresight) -> throw AccessRequestBody.refused(foresight.refusals(), "");
            };
        });
    }

    @Endpoint(summary = "Requests, newest first", scope = Scope.READ, answer = RequestListDocument.class,
            query = {"state", "q", "namespace", "mine", "decidable", "limit", "cursor"}, refusals = 422)
    @GetMapping(path = "/api/v1/access-requests", produces = "application/json")
    ResponseEntity<byte[]> list(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.state, Name.q, Name.namespace, Name.mine, Name.decidable, Name.limit, Name.cursor);
        Optional<String> namespace = wanted.text(Name.namespace);
        Set<RequestState> states = wanted.words(Name.state, RequestState.class);
        Optional<String> words = wanted.text(Name.q);
        boolean mine = wanted.truth(Name.mine);
        int limit = wanted.limit();
        Optional<String> position = wanted.position(signed);
        boolean decidable = wanted.truth(Name.decidable);
        if (decidable && (!states.isEmpty() || words.isPresent() || mine)) {
            wanted.refuse("decidable", "This goes with namespace only. Leave state, q and mine out.");
        }
        wanted.check();
        return decidable ? decidable(me, request, wanted, namespace, position, limit)
                : found(request, wanted, new RequestFilter(states, mine ? Optional.of(me.id()) : Optional.empty(), namespace, words), position, limit);
    }

    private ResponseEntity<byte[]> found(HttpServletRequest request, Parameters wanted, RequestFilter filter, Optional<String> position, int limit) {
        RequestPage page = desk.list(filter, position.map(Long::valueOf), limit);
        Optional<String> next = page.next().map(number -> wanted.cursor(signed, number.toString()));
        return Listing.answer(request, wanted, new RequestListDocument(page.requests().stream().map(RequestDocument::line).toList(), next), next);
    }

    private ResponseEntity<byte[]> decidable(
            CurrentPerson me, HttpServletRequest request, Parameters wanted, Optional<String> namespace, Optional<String> position, int limit) {
        QueuePage page = queue.page(me, new QueueFilter(QueueFilter.View.MINE, namespace, Optional.empty()), position, limit);
        List<RequestLineDocument> items = page.rows().stream()
                .map(row -> new RequestLineDocument(row.number(), row.state(), row.version(), row.digest(), row.sentence(),
                        new PersonNameDocument(row.requester()), row.submittedAt(), row.lapsesAt()))
                .toList();
        Optional<String> next = page.next().map(after -> wanted.cursor(signed, after));
        return Listing.answer(request, wanted, new RequestListDocument(items, next), next);
    }

    @Endpoint(summary = "One request with everything that is known of it", scope = Scope.READ, answer = RequestDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/access-requests/{number}", produces = "application/json")
    ResponseEntity<byte[]> one(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, file.of(me, number));
    }
}
