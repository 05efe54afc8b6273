package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.model.Workload.CalledService;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttachmentTests {
    private static final Target SELECTOR = new Target.Selector(Map.of("app", "pay"));
    private static final Workload SIDECAR = Workload.sidecar("shop", Map.of("app", "pay", "v", "1"));
    private static final Workload GATEWAY =
            new Workload("shop", Map.of("app", "pay", Workload.GATEWAY_NAME, "edge"), DataPlane.GATEWAY, List.of());
    private static final Workload ZTUNNEL = new Workload("shop", Map.of("app", "pay"), DataPlane.ZTUNNEL, List.of());

    @Test
    void aSelectorMustBeWithinTheLabels() {
        assertThat(attaches("shop", SELECTOR, SIDECAR)).isTrue();
        assertThat(attaches("shop", new Target.Selector(Map.of("app", "pay", "x", "1")), SIDECAR)).isFalse();
        assertThat(attaches("other", SELECTOR, SIDECAR)).isFalse();
        assertThat(attaches("istio-system", SELECTOR, SIDECAR)).isTrue();
    }

    @Test
    void referencesNeverReachASidecar() {
        assertThat(attaches("shop", reference("", "Service", "pay"), SIDECAR)).isFalse();
        assertThat(attaches("shop", reference("gateway.networking.k8s.io", "Gateway", "edge"), SIDECAR)).isFalse();
    }

    @Test
    void aGatewayIsReachedByItsNameFromItsOwnNamespace() {
        assertThat(attaches("shop", reference("gateway.networking.k8s.io", "Gateway", "edge"), GATEWAY)).isTrue();
        assertThat(attaches("shop", reference("gateway.networking.k8s.io", "Gateway", "other"), GATEWAY)).isFalse();
        assertThat(attaches("istio-system", reference("gateway.networking.k8s.io", "Gateway", "edge"), GATEWAY))
                .isFalse();
        assertThat(attaches("shop", reference("gateway.networking.k8s.io", "GatewayClass", "edge"), GATEWAY)).isFalse();
        assertThat(attaches("shop", SELECTOR, GATEWAY)).isTrue();
        assertThat(attaches("shop", Target.EVERYTHING, GATEWAY)).isTrue();
    }

    @Test
    void aWaypointIsReachedByReferenceOnly() {
        Workload waypoint = waypoint(new CalledService("other", "pay", false));
        assertThat(attaches("shop", Target.EVERYTHING, waypoint)).isFalse();
        assertThat(attaches("istio-system", Target.EVERYTHING, waypoint)).isFalse();
        assertThat(attaches("shop", reference("gateway.networking.k8s.io", "Gateway", "edge"), waypoint)).isTrue();
        assertThat(attaches("other", reference("gateway.networking.k8s.io", "Gateway", "edge"), waypoint)).isFalse();
    }

    @Test
    void aServiceIsNamedFromItsOwnNamespace() {
        Workload waypoint = waypoint(new CalledService("other", "pay", false));
        assertThat(attaches("other", reference("", "Service", "pay"), waypoint)).isTrue();
        assertThat(attaches("other", reference("core", "Service", "pay"), waypoint)).isTrue();
        assertThat(attaches("other", reference("", "Service", "else"), waypoint)).isFalse();
        assertThat(attaches("shop", reference("", "Service", "pay"), waypoint)).isFalse();
        assertThat(attaches("other", reference("networking.istio.io", "ServiceEntry", "pay"), waypoint)).isFalse();
    }

    @Test
    void anExternalServiceIsNamedByItsEntry() {
        Workload waypoint = waypoint(new CalledService("other", "pay", true));
        assertThat(attaches("other", reference("networking.istio.io", "ServiceEntry", "pay"), waypoint)).isTrue();
        assertThat(attaches("other", reference("", "Service", "pay"), waypoint)).isFalse();
    }

    @Test
    void theWaypointClassIsNamedFromTheRootNamespaceOnly() {
        Workload waypoint = waypoint(new CalledService("other", "pay", false));
        Target waypoints = reference("gateway.networking.k8s.io", "GatewayClass", "istio-waypoint");
        assertThat(attaches("istio-system", waypoints, waypoint)).isTrue();
        assertThat(attaches("shop", waypoints, waypoint)).isFalse();
        assertThat(attaches("istio-system", waypoints, GATEWAY)).isFalse();
    }

    @Test
    void ztunnelKnowsAllowAndDenyOnly() {
        assertThat(attaches(policy("shop", Target.EVERYTHING, Action.ALLOW, Map.of()), ZTUNNEL)).isTrue();
        assertThat(attaches(policy("shop", SELECTOR, Action.DENY, Map.of()), ZTUNNEL)).isTrue();
        assertThat(attaches(policy("shop", Target.EVERYTHING, Action.AUDIT, Map.of()), ZTUNNEL)).isFalse();
        assertThat(attaches(policy("shop", Target.EVERYTHING, Action.CUSTOM, Map.of()), ZTUNNEL)).isFalse();
        assertThat(attaches(policy("shop", reference("", "Service", "pay"), Action.DENY, Map.of()), ZTUNNEL)).isFalse();
    }

    @Test
    void ztunnelIgnoresRehearsals() {
        Map<String, String> dryRun = Map.of(AuthorizationPolicy.DRY_RUN, "true");
        assertThat(attaches(policy("shop", Target.EVERYTHING, Action.DENY, dryRun), ZTUNNEL)).isFalse();
        assertThat(attaches(policy("shop", Target.EVERYTHING, Action.DENY, dryRun), SIDECAR)).isTrue();
    }

    private static Workload waypoint(CalledService service) {
        return new Workload("shop", Map.of(Workload.GATEWAY_NAME, "edge"), DataPlane.WAYPOINT, List.of(service));
    }

    private static Target reference(String group, String kind, String name) {
        return new Target.References(List.of(new Target.Reference(group, kind, name)));
    }

    private static boolean attaches(String namespace, Target target, Workload workload) {
        return attaches(policy(namespace, target, Action.DENY, Map.of()), workload);
    }

    private static boolean attaches(AuthorizationPolicy policy, Workload workload) {
        return !Attachment.attached(MeshSettings.DEFAULT, List.of(policy), workload).isEmpty();
    }

    private static AuthorizationPolicy policy(
            String namespace, Target target, Action action, Map<String, String> annotations) {
        return new AuthorizationPolicy(
                new ObjectMeta(namespace, "p", Map.of(), annotations, Optional.empty()),
                target,
                action,
                action == Action.CUSTOM ? Optional.of("ext") : Optional.empty(),
                List.of(Rule.ANY));
    }
}
