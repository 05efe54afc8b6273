package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.api.WebhookDeliveryDocument.WebhookDeliveryListDocument;
import dev.countersign.api.WebhookDeliveryDocument.WebhookEventDocument;
import dev.countersign.api.WebhookDeliveryDocument.WebhookStandingDocument;
import dev.countersign.api.WebhookDocument.WebhookListDocument;
import dev.countersign.api.WebhookDocument.WebhookRedeliveryDocument;
import dev.countersign.api.WebhookDocument.WebhookRemovedDocument;
import dev.countersign.api.WebhookDocument.WebhookSecretDocument;
import dev.countersign.api.WebhookDocument.WebhookTestDocument;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.notices.Webhook;
import dev.countersign.notices.WebhookChange;
import dev.countersign.notices.WebhookDelivery;
import dev.countersign.notices.WebhookDesk;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Webhooks and their deliveries, for administrators.
@RestController
class WebhooksApi {
    private static final String ALL = "/api/v1/webhooks";
    private static final String ONE = ALL + "/{number}";
    private static final String DELIVERY = ONE + "/deliveries/{entry}";

    private final WebhookDesk desk;
    private final SignedText signed;
    private final Posts posts;
    private final TransactionTemplate transaction;

    WebhooksApi(WebhookDesk desk, SignedText signed, Posts posts, PlatformTransactionManager transactions) {
        this.desk = desk;
        this.signed = signed;
        this.posts = posts;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// No member: what is asked for is in the address.
    record WebhookVerbBody() {
        static WebhookVerbBody read(Member body) {
            body.objectOf();
            return new WebhookVerbBody();
        }
    }

    @Endpoint(summary = "Webhooks", scope = Scope.ADMIN, answer = WebhookListDocument.class, description = "For administrators. At most 20, by number.")
    @GetMapping(path = ALL, produces = "application/json")
    ResponseEntity<byte[]> list(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        administrators(me);
        Parameters.none(request);
        return Answer.of(new WebhookListDocument(desk.list().stream().map(WebhookDocument::of).toList())).entity();
    }

    @Endpoint(summary = "Register a webhook", scope = Scope.ADMIN, body = WebhookBody.class, answer = WebhookSecretDocument.class, status = 201, refusals = 409,
            description = "For administrators. It is told what is recorded from then on; docs/webhooks.md says how. The secret is in this answer and nowhere else.")
    @PostMapping(path = ALL, consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> register(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        administrators(me);
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            WebhookBody wanted = Member.body(body, WebhookBody::read);
            WebhookChange made = desk.register(me, wanted.setting());
            if (made instanceof WebhookChange.Registered(long number, String ignored) && !wanted.enabled().orElse(true)) {
                desk.enable(me, number, false);
            }
            return answer(made);
        });
    }

    @Endpoint(summary = "One webhook", scope = Scope.ADMIN, answer = WebhookDocument.class, tagged = true, description = "For administrators.")
    @GetMapping(path = ONE, produces = "application/json")
    ResponseEntity<byte[]> one(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request) {
        administrators(me);
        Parameters.none(request);
        return EntityTag.read(request, settings(number));
    }

    @Endpoint(summary = "Change a webhook, or switch it off or on", scope = Scope.ADMIN, body = WebhookBody.class, answer = WebhookDocument.class, tagged = true,
            description = "For administrators. What waits already goes to the new address. What is recorded while it is switched off is not told, also not later.")
    @PutMapping(path = ONE, consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> change(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        administrators(me);
        Parameters.none(request);
        byte[] body = Bodies.required(sent);
        return Objects.requireNonNull(transaction.execute(status -> {
            Webhook before = webhook(number);
            EntityTag.require(request);
            EntityTag.heed(request, Answer.tagged(WebhookDocument.of(before)));
            WebhookBody wanted = Member.body(body, WebhookBody::read);
            return answer(desk.change(me, number, before.version(), wanted.setting(), wanted.enabled().orElse(true)));
        })).entity();
    }

    @Endpoint(summary = "Remove a webhook", scope = Scope.ADMIN, answer = WebhookRemovedDocument.class, refusals = 412,
            description = "For administrators. Nothing is sent to it any more; what waits is never sent.")
    @DeleteMapping(path = ONE, produces = "application/json")
    ResponseEntity<byte[]> remove(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request) {
        administrators(me);
        Parameters.none(request);
        return Objects.requireNonNull(transaction.execute(status -> {
            EntityTag.heed(request, settings(number));
            return switch (desk.remove(me, number)) {
                case WebhookChange.Changed ignored -> Answer.of(new WebhookRemovedDocument(number));
                case WebhookChange other -> answer(other);
            };
        })).entity();
    }

    @Endpoint(summary = "Give a webhook a new secret", scope = Scope.ADMIN, body = WebhookVerbBody.class, bodyRequired = false, answer = WebhookSecretDocument.class,
            description = "For administrators. The new one is in this answer and nowhere else; for 24 hours the one before it signs beside it.")
    @PostMapping(path = ONE + "/secret-rotation", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> rotate(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        return verb(me, sent, request, () -> desk.rotate(me, number));
    }

    @Endpoint(summary = "Send a test event", scope = Scope.ADMIN, body = WebhookVerbBody.class, bodyRequired = false, answer = WebhookTestDocument.class, status = 202, refusals = 409,
            description = "For administrators. To this webhook alone, of type dev.countersign.webhook.tested. What became of it is its delivery.")
    @PostMapping(path = ONE + "/test", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> test(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        return verb(me, sent, request, () -> desk.test(me, number));
    }

    @Endpoint(summary = "Deliveries of a webhook, newest first, and how it stands", scope = Scope.ADMIN, answer = WebhookDeliveryListDocument.class, query = {"state", "limit", "cursor"}, refusals = 422,
            description = "For administrators. States: WAITING, DELIVERED, DEAD, DISCARDED. What was delivered is kept for 7 days, what was given up for 30.")
    @GetMapping(path = ONE + "/deliveries", produces = "application/json")
    ResponseEntity<byte[]> deliveries(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request) {
        administrators(me);
        Parameters wanted = Parameters.of(request, Name.state, Name.limit, Name.cursor);
        Set<WebhookDelivery.State> states = wanted.words(Name.state, WebhookDelivery.State.class);
        int limit = wanted.limit();
        Optional<Long> before = wanted.position(signed).map(Long::valueOf);
        wanted.check();
        Webhook webhook = webhook(number);
        List<WebhookDelivery> found = desk.deliveries(webhook, states, before, limit + 1);
        Optional<String> next = found.size() > limit ? Optional.of(wanted.cursor(signed, Long.toString(found.get(limit - 1).entry()))) : Optional.empty();
        return Listing.answer(request, wanted, new WebhookDeliveryListDocument(WebhookStandingDocument.of(webhook.standing()),
                found.stream().limit(limit).map(WebhookDeliveryDocument::of).toList(), next), next);
    }

    @Endpoint(summary = "One delivery: what is sent, and every attempt", scope = Scope.ADMIN, answer = WebhookEventDocument.class, description = "For administrators.")
    @GetMapping(path = DELIVERY, produces = "application/json")
    ResponseEntity<byte[]> delivery(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry, HttpServletRequest request) {
        administrators(me);
        Parameters.none(request);
        return Answer.of(desk.delivery(webhook(number), entry).map(WebhookEventDocument::of).orElseThrow(() -> new Problem.NotFound("event " + entry + " of this webhook"))).entity();
    }

    @Endpoint(summary = "Send a dead letter again", scope = Scope.ADMIN, body = WebhookVerbBody.class, bodyRequired = false, answer = WebhookRedeliveryDocument.class, status = 202, refusals = 409,
            description = "For administrators. With the same id and body. What of its subjects is not sent yet waits for it.")
    @PostMapping(path = DELIVERY + "/redelivery", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> sendAgain(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry,
            @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        return verb(me, sent, request, () -> desk.sendAgain(me, number, Optional.of(entry)));
    }

    @Endpoint(summary = "Send all dead letters again", scope = Scope.ADMIN, body = WebhookVerbBody.class, bodyRequired = false, answer = WebhookRedeliveryDocument.class, status = 202, refusals = 409,
            description = "For administrators. A thousand at a time, the earliest first; `left` says how many more there are.")
    @PostMapping(path = ONE + "/redelivery", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> sendAllAgain(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        return verb(me, sent, request, () -> desk.sendAgain(me, number, Optional.empty()));
    }

    @Endpoint(summary = "Discard a dead letter or an event that waits", scope = Scope.ADMIN, body = WebhookVerbBody.class, bodyRequired = false, answer = WebhookRedeliveryDocument.class, status = 202, refusals = 409,
            description = "For administrators. It is never sent; what waited for it goes on.")
    @PostMapping(path = DELIVERY + "/discard", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> discard(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry,
            @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        return verb(me, sent, request, () -> desk.discard(me, number, entry));
    }

    private ResponseEntity<byte[]> verb(CurrentPerson me, byte @Nullable [] sent, HttpServletRequest request, java.util.function.Supplier<WebhookChange> work) {
        administrators(me);
        byte[] body = Bodies.orEmptyObject(sent);
        return posts.once(me, request, body, () -> {
            Member.body(body, WebhookVerbBody::read);
            return answer(work.get());
        });
    }

    private Answer answer(WebhookChange outcome) {
        return switch (outcome) {
            case WebhookChange.Registered(long number, String secret) -> secret(number, secret).created(ALL + "/" + number);
            case WebhookChange.Rotated(long number, String secret) -> secret(number, secret);
            case WebhookChange.Changed(long number) -> settings(number);
            case WebhookChange.Tested(long number, long entry) -> Answer.of(new WebhookTestDocument(number, entry)).status(202);
            case WebhookChange.Decided(long number, int letters, int left) -> Answer.of(new WebhookRedeliveryDocument(number, letters, left)).status(202);
            case WebhookChange.Refused(List<WebhookChange.Problem> problems) -> throw new Problem.Refused(
                    "Nothing was changed. See errors, correct what they name, and send it again.", problems.stream()
                    .map(problem -> new Problem.Wrong("/" + problem.field(), "CS9422", problem.message()))
                    .toList());
            case WebhookChange.Conflict(String message) -> throw new Problem.Conflict(message);
            case WebhookChange.Stale(String message) -> throw new Problem.Stale(message);
            case WebhookChange.NotYours(String message) -> throw new Problem.Forbidden(message);
            case WebhookChange.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    /// A retry is answered without the secret: what is kept for it is no place for one.
    private static Answer secret(long number, String secret) {
        return Answer.of(new WebhookSecretDocument(number, Optional.of(secret))).retriedBy(new WebhookSecretDocument(number, Optional.empty()));
    }

    private Answer settings(long number) {
        return Answer.tagged(WebhookDocument.of(webhook(number)));
    }

    private Webhook webhook(long number) {
        return desk.find(number).orElseThrow(() -> new Problem.NotFound("webhook " + number));
    }

    private static void administrators(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden(WebhookDesk.ADMINISTRATORS);
        }
    }
}
