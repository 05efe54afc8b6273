package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.identity.Scope;
import dev.countersign.policy.reason.MeshComparison;
import dev.countersign.policy.reason.MeshHygiene;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// Which live rules do nothing, or too much.
@RestController
class HygieneApi {
    private final Mesh mesh;

    HygieneApi(Mesh mesh) {
        this.mesh = mesh;
    }

    @Endpoint(summary = "Live rules that do nothing, or too much, each with its proof", scope = Scope.READ, answer = HygieneDocument.class,
            query = "namespace", refusals = 422,
            description = "Rules that match no call there can be, that others deny or cover wholly, and ALLOW rules that let in callers whom nobody named. Judged "
                    + "for each workload of your tenant's namespaces in the cluster. At most 200 findings are told, and 100 workloads in one; the rest is counted.")
    @GetMapping(path = "/api/v1/clusters/{name}/hygiene", produces = "application/json")
    ResponseEntity<byte[]> hygiene(@PathVariable String name, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.namespace);
        Optional<String> namespace = wanted.text(Name.namespace);
        if (!mesh.has(name)) {
            throw new Problem.NotFound("cluster of that name");
        }
        if (namespace.isPresent() && !mesh.owns(name, namespace.get())) {
            wanted.refuse("namespace", "There is no such namespace of your tenant in this cluster. See /api/v1/clusters/" + name + ".");
        }
        wanted.check();
        Mesh.Wide wide = mesh.wide(name, namespace);
        MeshComparison.Side side = MeshComparison.Side.of(wide.settings(), wide.workloads(), wide.policies());
        return Answer.of(HygieneDocument.of(MeshHygiene.of(side, MeshHygiene.Limits.USUAL), wide.unreadable())).entity();
    }
}
