package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.identity.Scope;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.MeshReach;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What one identity can call in a cluster.
@RestController
class ReachApi {
    private final Mesh mesh;

    ReachApi(Mesh mesh) {
        this.mesh = mesh;
    }

    @Endpoint(summary = "What one identity can call, service by service", scope = Scope.READ, answer = ReachDocument.class,
            query = "identity", refusals = 422,
            description = "How far the harm goes if the identity is taken over: the services of your tenant in the cluster that it can call in some way, with what "
                    + "it may do there and what it may perhaps do. Without an identity: what anyone can call. Services without a proxy enforce nothing and are told apart.")
    @GetMapping(path = "/api/v1/clusters/{name}/reach", produces = "application/json")
    ResponseEntity<byte[]> reach(@PathVariable String name, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.identity);
        Optional<String> from = wanted.text(Name.identity);
        if (!mesh.has(name)) {
            throw new Problem.NotFound("cluster of that name");
        }
        Mesh.Wide wide = mesh.wide(name, Optional.empty());
        Optional<Spiffe> source = from.flatMap(text -> Spiffe.parse(wide.settings().trustDomains().trustDomain() + "/ns/" + text.replace("/", "/sa/")));
        if (from.isPresent() && source.isEmpty()) {
            wanted.refuse("identity", "Name the identity as namespace/serviceAccount.");
        }
        wanted.check();
        Map<String, Workload> enforcing = new LinkedHashMap<>(wide.workloads());
        wide.unenforced().forEach(enforcing::remove);
        return Answer.of(ReachDocument.of(MeshReach.of(wide.settings(), source.stream().toList(), enforcing, wide.policies()), source, wide)).entity();
    }
}
