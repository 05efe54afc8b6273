package dev.countersign.policy.eval;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Target.Reference;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.model.Workload.CalledService;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which policies guard a workload (istio.md 1.8). Enforcement is on the receiving side only: a caller's own policies
/// are none of these.
public final class Attachment {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";

    private final MeshSettings mesh;
    private final Workload workload;

    private Attachment(MeshSettings mesh, Workload workload) {
        this.mesh = mesh;
        this.workload = workload;
    }

    /// The policies that attach, in the order given; dry-run ones too, except at ztunnel, which ignores them.
    public static List<AuthorizationPolicy> attached(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload) {
        Attachment attachment = new Attachment(mesh, workload);
        return policies.stream().filter(attachment::attaches).toList();
    }

    private boolean attaches(AuthorizationPolicy policy) {
        return switch (workload.dataPlane()) {
            case ZTUNNEL -> enforceableAtZtunnel(policy) && isHere(policy) && selects(policy.target());
            case WAYPOINT -> policy.target() instanceof Target.References(List<Reference> references)
                    && references.stream().anyMatch(reference -> waypointTarget(policy, reference));
            case SIDECAR, GATEWAY -> isHere(policy)
                    && (policy.target() instanceof Target.References(List<Reference> references)
                            ? references.stream().anyMatch(reference -> isThisGateway(policy, reference))
                            : selects(policy.target()));
        };
    }

    private static boolean enforceableAtZtunnel(AuthorizationPolicy policy) {
        return (policy.action() == Action.ALLOW || policy.action() == Action.DENY) && !policy.dryRun();
    }

    /// In the workload's namespace, or in the root namespace, whose policies span all.
    private boolean isHere(AuthorizationPolicy policy) {
        return isOwn(policy) || policy.metadata().namespace().equals(mesh.rootNamespace());
    }

    private boolean isOwn(AuthorizationPolicy policy) {
        return policy.metadata().namespace().equals(workload.namespace());
    }

    private boolean selects(Target target) {
        return switch (target) {
            case Target.Everything() -> true;
            case Target.Selector(Map<String, String> labels) ->
                workload.labels().entrySet().containsAll(labels.entrySet());
            case Target.References(var ignored) -> false;
        };
    }

    /// A Gateway by name, from its own namespace. Proxies without the name label are no Gateway API gateways.
    private boolean isThisGateway(AuthorizationPolicy policy, Reference reference) {
        return is(reference, GATEWAY_API, "Gateway") && isOwn(policy)
                && Optional.ofNullable(workload.labels().get(Workload.GATEWAY_NAME)).stream()
                        .anyMatch(reference.name()::equals);
    }

    private boolean waypointTarget(AuthorizationPolicy policy, Reference reference) {
        boolean waypointClass = is(reference, GATEWAY_API, "GatewayClass") && reference.name().equals("istio-waypoint")
                && policy.metadata().namespace().equals(mesh.rootNamespace());
        return waypointClass || isThisGateway(policy, reference)
                || workload.services().stream().anyMatch(service -> names(policy, reference, service));
    }

    private static boolean names(AuthorizationPolicy policy, Reference reference, CalledService service) {
        boolean kind = service.external()
                ? is(reference, "networking.istio.io", "ServiceEntry")
                : is(reference, "", "Service") || is(reference, "core", "Service");
        return kind && reference.name().equals(service.name())
                && policy.metadata().namespace().equals(service.namespace());
    }

    private static boolean is(Reference reference, String group, String kind) {
        return reference.group().equals(group) && reference.kind().equals(kind);
    }
}
