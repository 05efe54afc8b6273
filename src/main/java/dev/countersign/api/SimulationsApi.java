package dev.countersign.api;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PathNormalization;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.reason.Repair;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Tries one call against the live policies, without sending it.
@RestController
class SimulationsApi {
    private final Mesh mesh;
    private final ClusterRegistry clusters;
    private final Posts posts;

    SimulationsApi(Mesh mesh, ClusterRegistry clusters, Posts posts) {
        this.mesh = mesh;
        this.clusters = clusters;
        this.posts = posts;
    }

    @Endpoint(summary = "Would this call be allowed, and by which policy", scope = Scope.READ, body = SimulationBody.class, answer = SimulationDocument.class)
    @PostMapping(path = "/api/v1/simulations", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> simulate(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> Answer.of(simulated(Member.body(body, SimulationBody::read))));
    }

    private SimulationDocument simulated(SimulationBody wanted) {
        Mesh.Surroundings around = mesh.around(wanted.cluster(), wanted.to().namespace(), wanted.to().workload());
        Call call = call(wanted, around);
        return SimulationDocument.of(around, call, Authorizer.decide(around.settings(), around.policies(), around.workload(), call),
                Repair.of(around.settings(), around.policies(), around.workload(), call));
    }

    private Call call(SimulationBody wanted, Mesh.Surroundings around) {
        SimulationBody.CallBody told = wanted.call();
        Optional<String> principal = wanted.from()
                .filter(from -> told.mtls().orElse(true))
                .map(from -> new Spiffe(around.settings().trustDomains().trustDomain(), from.namespace(), from.serviceAccount()).principal());
        String source = told.sourceIp().orElse("10.0.0.1");
        Optional<Call.Http> http = told.isHttp()
                ? Optional.of(new Call.Http(told.method().orElse("GET"), normal(told.path().orElse("/"), around), told.host().orElse(wanted.to().workload()),
                        headers(told), Optional.empty()))
                : Optional.empty();
        return new Call(principal, source, source, "10.0.0.2", told.port(), Optional.empty(), http, Map.of(), Map.of());
    }

    /// As the proxy makes it of what the client sent.
    private String normal(String path, Mesh.Surroundings around) {
        String rule = clusters.find(around.cluster().id()).orElseThrow().pathNormalization();
        return PathNormalization.valueOf(rule).normalize(path).orElseThrow(() -> new Problem.Refused(
                "The proxy refuses a request with such a path (400) before any policy is asked.",
                List.of(new Problem.Wrong("/call/path", "CS9422", "The proxy refuses such a path. Write another."))));
    }

    private static Map<String, List<String>> headers(SimulationBody.CallBody told) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        told.headers().orElse(Map.of()).forEach((name, value) -> headers.put(name, List.of(value)));
        return headers;
    }
}
