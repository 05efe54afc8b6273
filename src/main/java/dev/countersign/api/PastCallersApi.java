package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.delivery.PastCallers;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The time machine, for programs.
@RestController
class PastCallersApi {
    private final Mesh mesh;
    private final PastCallers past;

    PastCallersApi(Mesh mesh, PastCallers past) {
        this.mesh = mesh;
        this.past = past;
    }

    @Endpoint(summary = "Who could call a workload at a moment, and by whose approval", scope = Scope.READ, answer = PastCallersDocument.class, query = "at",
            refusals = 404, description = "Folded from the record: a revision counts from the moment the cluster confirmed it. Without at: now.")
    @GetMapping(path = "/api/v1/services/{cluster}/{namespace}/{workload}/callers", produces = "application/json")
    ResponseEntity<byte[]> callers(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.at);
        Instant now = Instant.now();
        Optional<Instant> at = wanted.text(Name.at).flatMap(text -> {
            try {
                Instant moment = OffsetDateTime.parse(text).toInstant();
                if (!moment.isAfter(now) && !moment.isBefore(Instant.EPOCH)) {
                    return Optional.of(moment);
                }
            } catch (DateTimeException malformed) {
                // refused below
            }
            wanted.refuse(Name.at.name(), "This is a moment of the past as RFC 3339 writes it: 2026-11-23T14:30:00Z.");
            return Optional.empty();
        });
        wanted.check();
        Mesh.Surroundings around = mesh.find(cluster, namespace, workload).orElseThrow(() -> new Problem.NotFound("service of that name"));
        return Answer.of(PastCallersDocument.of(past.at(around.found(), around.workload(), mesh.known(around), at.orElse(now)))).entity();
    }
}
