package dev.countersign.api;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.delivery.ModeChange;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.delivery.RepositorySetting;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Whether the portal writes policies to a cluster itself, or to a Git repository.
@RestController
class DeliveryModesApi {
    private static final String PATH = "/api/v1/clusters/{name}/delivery";

    private final ModeDesk desk;
    private final ClusterRegistry clusters;
    private final TransactionTemplate transaction;

    DeliveryModesApi(ModeDesk desk, ClusterRegistry clusters, PlatformTransactionManager transactions) {
        this.desk = desk;
        this.clusters = clusters;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Endpoint(summary = "How a cluster gets its policies", scope = Scope.READ, answer = DeliveryModeDocument.class, tagged = true)
    @GetMapping(path = PATH, produces = "application/json")
    ResponseEntity<byte[]> show(@PathVariable String name, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, answer(name));
    }

    @Endpoint(summary = "Say how a cluster gets its policies", scope = Scope.ADMIN, body = DeliveryModeBody.class, answer = DeliveryModeDocument.class, refusals = 409, tagged = true,
            description = "For administrators. REPOSITORY: the portal writes them to a branch of a Git repository and nothing to the cluster. 409 while something is being written in the mode before.")
    @PutMapping(path = PATH, consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> change(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        Parameters.none(request);
        byte[] body = Bodies.required(sent);
        return Objects.requireNonNull(transaction.execute(status -> {
            Answer before = answer(name);
            EntityTag.require(request);
            EntityTag.heed(request, before);
            Optional<RepositorySetting> setting = Member.body(body, DeliveryModeBody::read).setting();
            return switch (setting.isPresent() ? desk.toRepository(me, name, setting.get()) : desk.toDirect(me, name)) {
                case ModeChange.Changed ignored -> answer(name);
                case ModeChange.Refused(List<ModeChange.Problem> problems) -> throw new Problem.Refused(
                        "The delivery was not changed. See errors, correct what they name, and send it again.", problems.stream()
                        .map(problem -> new Problem.Wrong("/repository/" + problem.field(), "CS9422", problem.message()))
                        .toList());
                case ModeChange.UnderWay(String message) -> throw new Problem.Conflict(message);
                case ModeChange.NotYours(String message) -> throw new Problem.Forbidden(message);
                case ModeChange.Unknown(String what) -> throw new Problem.NotFound(what);
            };
        })).entity();
    }

    private Answer answer(String name) {
        ClusterView cluster = clusters.find(name).orElseThrow(() -> new Problem.NotFound("cluster of that name"));
        return Answer.tagged(DeliveryModeDocument.of(cluster.name(), desk.repository(cluster.id())));
    }
}
