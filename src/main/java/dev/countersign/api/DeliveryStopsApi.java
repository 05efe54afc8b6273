package dev.countersign.api;

import dev.countersign.api.DeliveryStopDocument.DeliveryStopListDocument;
import dev.countersign.api.Parameters.Name;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.delivery.DeliveryStop;
import dev.countersign.delivery.StopDesk;
import dev.countersign.delivery.Stopping;
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

/// Stopping deliveries to a workload or a cluster, and letting them go on.
@RestController
class DeliveryStopsApi {
    private final StopDesk desk;
    private final ClusterRegistry clusters;
    private final SignedText signed;
    private final Posts posts;

    DeliveryStopsApi(StopDesk desk, ClusterRegistry clusters, SignedText signed, Posts posts) {
        this.desk = desk;
        this.clusters = clusters;
        this.signed = signed;
        this.posts = posts;
    }

    /// What is stopped, and why. Without namespace and workload, the whole cluster.
    record DeliveryStopBody(String cluster, Optional<String> namespace, Optional<String> workload, String reason) {
        static DeliveryStopBody read(Member body) {
            body.objectOf("cluster", "namespace", "workload", "reason");
            DeliveryStopBody read = new DeliveryStopBody(body.of("cluster").text(63), body.of("namespace").optionalText(63), body.of("workload").optionalText(253),
                    body.of("reason").text(4_000));
            if (read.namespace.isPresent() != read.workload.isPresent()) {
                body.of(read.namespace.isPresent() ? "workload" : "namespace").wrong("A workload is named by namespace and workload. Say both, or neither for the whole cluster.");
            }
            return read;
        }

        Optional<DeliveryStop.Held> held() {
            return namespace.flatMap(space -> workload.map(name -> new DeliveryStop.Held(space, name)));
        }
    }

    /// Why deliveries may go on.
    record ReleaseBody(String reason) {
        static ReleaseBody read(Member body) {
            body.objectOf("reason");
            return new ReleaseBody(body.of("reason").text(4_000));
        }
    }

    @Endpoint(summary = "Stops of deliveries, newest first", scope = Scope.READ, answer = DeliveryStopListDocument.class, query = {"state", "cluster", "limit", "cursor"}, refusals = 422)
    @GetMapping(path = "/api/v1/delivery-stops", produces = "application/json")
    ResponseEntity<byte[]> list(HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.state, Name.cluster, Name.limit, Name.cursor);
        Optional<String> name = wanted.text(Name.cluster);
        Optional<UUID> cluster = name.flatMap(clusters::find).map(ClusterView::id);
        if (name.isPresent() && cluster.isEmpty()) {
            wanted.refuse("cluster", "There is no such cluster here. See /api/v1/clusters.");
        }
        Set<DeliveryStopDocument.State> states = wanted.words(Name.state, DeliveryStopDocument.State.class);
        int limit = wanted.limit();
        Optional<Long> before = wanted.position(signed).map(Long::valueOf);
        wanted.check();
        Optional<Boolean> holding = states.size() == 1 ? Optional.of(states.contains(DeliveryStopDocument.State.HOLDING)) : Optional.empty();
        List<DeliveryStop> found = desk.list(cluster, holding, before, limit + 1);
        Optional<String> next = found.size() > limit ? Optional.of(wanted.cursor(signed, Long.toString(found.get(limit - 1).number()))) : Optional.empty();
        return Listing.answer(request, wanted, new DeliveryStopListDocument(found.stream().limit(limit).map(DeliveryStopDocument::of).toList(), next), next);
    }

    @Endpoint(summary = "One stop of deliveries", scope = Scope.READ, answer = DeliveryStopDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/delivery-stops/{number}", produces = "application/json")
    ResponseEntity<byte[]> one(@PathVariable long number, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(document(number)));
    }

    @Endpoint(summary = "Stop deliveries", scope = Scope.REVIEW, body = DeliveryStopBody.class, answer = DeliveryStopDocument.class, status = 201, refusals = 404, tagged = true,
            description = "Of a workload: security and the owning team. Of a cluster: security and administrators. What would open anything waits; what only closes goes.")
    @PostMapping(path = "/api/v1/delivery-stops", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> stop(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            DeliveryStopBody wanted = Member.body(body, DeliveryStopBody::read);
            return answer(desk.stop(me, wanted.cluster(), wanted.held(), wanted.reason()));
        });
    }

    @Endpoint(summary = "Release a stop of deliveries", scope = Scope.REVIEW, body = ReleaseBody.class, answer = DeliveryStopDocument.class, refusals = {409, 412}, tagged = true,
            description = "By security, or by the right by which it was stopped. What waited is delivered within seconds.")
    @PostMapping(path = "/api/v1/delivery-stops/{number}/release", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> release(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            ReleaseBody wanted = Member.body(body, ReleaseBody::read);
            EntityTag.heed(request, Answer.tagged(document(number)));
            return answer(desk.release(me, number, wanted.reason()));
        });
    }

    private Answer answer(Stopping outcome) {
        return switch (outcome) {
            case Stopping.Stopped(long number) -> Answer.tagged(document(number)).created("/api/v1/delivery-stops/" + number);
            case Stopping.Released(long number) -> Answer.tagged(document(number));
            case Stopping.NotYours(String message) -> throw new Problem.Forbidden(message);
            case Stopping.Already(long number, String message) -> throw new Problem.Conflict(message, Map.of("stop", number));
            case Stopping.ReasonNeeded(String message) -> throw new Problem.Refused(message, List.of(new Problem.Wrong("/reason", "CS9422", message)));
            case Stopping.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private DeliveryStopDocument document(long number) {
        return desk.find(number).map(DeliveryStopDocument::of).orElseThrow(() -> new Problem.NotFound("stop " + number));
    }
}
