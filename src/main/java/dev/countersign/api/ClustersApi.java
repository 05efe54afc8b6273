package dev.countersign.api;

import dev.countersign.api.ClusterDocument.ClusterListDocument;
import dev.countersign.api.ClusterDocument.RegisteredDocument;
import dev.countersign.api.LivePolicyDocument.LivePolicyListDocument;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.clusters.Registration;
import dev.countersign.delivery.Breaker;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Registered clusters, the policies that live in them, and "reconcile now".
@RestController
class ClustersApi {
    private final ClusterRegistry registry;
    private final MeshCatalog catalog;
    private final DeliveryBoard delivery;
    private final Posts posts;

    ClustersApi(ClusterRegistry registry, MeshCatalog catalog, DeliveryBoard delivery, Posts posts) {
        this.registry = registry;
        this.catalog = catalog;
        this.delivery = delivery;
        this.posts = posts;
    }

    /// `policies`: how many were made due; they follow within seconds.
    record ReconciliationDocument(String cluster, int policies) {}

    record ReconciliationBody() {
        static ReconciliationBody read(Member body) {
            body.objectOf();
            return new ReconciliationBody();
        }
    }

    @Endpoint(summary = "Registered clusters and their state", scope = Scope.READ, answer = ClusterListDocument.class)
    @GetMapping(path = "/api/v1/clusters", produces = "application/json")
    ResponseEntity<byte[]> list(HttpServletRequest request) {
        Parameters.none(request);
        Map<UUID, Breaker> paused = delivery.breakers();
        return Answer.of(new ClusterListDocument(registry.list().stream()
                .map(cluster -> ClusterDocument.of(cluster, Optional.ofNullable(paused.get(cluster.id()))))
                .toList())).entity();
    }

    @Endpoint(summary = "One cluster", scope = Scope.READ, answer = ClusterDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/clusters/{name}", produces = "application/json")
    ResponseEntity<byte[]> one(@PathVariable String name, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(document(known(name))));
    }

    @Endpoint(summary = "Register a cluster by a kubeconfig", scope = Scope.ADMIN, body = ClusterBody.class, answer = RegisteredDocument.class, status = 201,
            description = "For administrators. The cluster is asked first, some seconds at most. Only what a kubeconfig needs is read: one server, its authority, one credential.")
    @PostMapping(path = "/api/v1/clusters", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> register(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        administrators(me);
        byte[] body = Bodies.required(sent);
        return posts.onceOutside(me, request, body, () -> {
            ClusterBody wanted = Member.body(body, ClusterBody::read);
            return switch (registry.register(me.actor(), wanted.form())) {
                case Registration.Registered(ClusterRef cluster, List<String> warnings) ->
                    Answer.of(new RegisteredDocument(document(known(cluster.name())), warnings)).created("/api/v1/clusters/" + cluster.name());
                case Registration.Refused(List<Registration.Problem> problems) -> throw new Problem.Refused(
                        "The cluster was not registered. See errors, correct what they name, and send it again.", problems.stream()
                        .map(problem -> new Problem.Wrong(problem.field().isEmpty() ? "" : "/" + problem.field(), "CS9422", problem.message()))
                        .toList());
            };
        });
    }

    @Endpoint(summary = "Live policies with provenance and drift", scope = Scope.READ, answer = LivePolicyListDocument.class,
            description = "Those of the tenant's namespaces and of the root namespace, by namespace and name; ours also where they are not there. refusals: workloads whose grants cannot become a policy, and why.")
    @GetMapping(path = "/api/v1/clusters/{name}/policies", produces = "application/json")
    ResponseEntity<byte[]> policies(@PathVariable String name, HttpServletRequest request) {
        Parameters.none(request);
        ClusterView cluster = known(name);
        Map<String, DeliveryBoard.Standing> ours = delivery.forCluster(cluster.id()).stream()
                .collect(Collectors.toMap(DeliveryBoard.Standing::inCluster, Function.identity(), (one, same) -> one, LinkedHashMap::new));
        List<LivePolicyDocument> policies = new ArrayList<>();
        catalog.policies(cluster.id()).forEach(policy ->
                policies.add(LivePolicyDocument.of(policy, Optional.ofNullable(ours.remove(policy.namespace() + "/" + policy.name())))));
        ours.values().forEach(missing -> policies.add(LivePolicyDocument.missing(missing)));
        policies.sort(Comparator.comparing(LivePolicyDocument::namespace).thenComparing(LivePolicyDocument::name));
        return Answer.of(new LivePolicyListDocument(policies, delivery.refusals(cluster.id()))).entity();
    }

    @Endpoint(summary = "Reconcile now", scope = Scope.ADMIN, body = ReconciliationBody.class, bodyRequired = false, answer = ReconciliationDocument.class, status = 202, refusals = 409,
            description = "For administrators and security. Plans the cluster anew and delivers everything, forgetting pauses.")
    @PostMapping(path = "/api/v1/clusters/{name}/reconciliation", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> reconcile(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        if (!me.is(Role.SECURITY)) {
            administrators(me);
        }
        byte[] body = Bodies.orEmptyObject(sent);
        return posts.once(me, request, body, () -> {
            Member.body(body, ReconciliationBody::read);
            ClusterView cluster = known(name);
            if (cluster.retirement().isPresent()) {
                throw new Problem.Conflict("This cluster is retired: nothing is delivered to it any more. Register it again if it should be.");
            }
            return Answer.of(new ReconciliationDocument(cluster.name(), delivery.reconcile(me.actor(), cluster.ref()))).status(202);
        });
    }

    private ClusterDocument document(ClusterView cluster) {
        return ClusterDocument.of(cluster, Optional.ofNullable(delivery.breakers().get(cluster.id())));
    }

    private ClusterView known(String name) {
        return registry.find(name).orElseThrow(() -> new Problem.NotFound("cluster of that name"));
    }

    private static void administrators(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden("This needs the role ADMINISTRATOR. Ask an administrator of your tenant.");
        }
    }
}
