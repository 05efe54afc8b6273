package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What may be written under a stop is what is proven to open nothing; in doubt it waits.
class StopGuardTests {
    private static final AuthorizationPolicy NOTHING = policy("ALLOW", "pay", "");
    private static final AuthorizationPolicy ONE = policy("ALLOW", "pay", "/a");
    private static final AuthorizationPolicy WIDER = policy("ALLOW", "pay", "/*");

    private static AuthorizationPolicy policy(String action, String app, String path) {
        String yaml = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: ours, namespace: shop}
                spec:
                  selector: {matchLabels: {app: %s}}
                  action: %s
                """.formatted(app, action)
                + (path.isEmpty() ? "" : "  rules:\n  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]\n    to: [{operation: {paths: [\"" + path + "\"]}}]\n");
        return PolicyReader.authorizationPolicy(((Reading.Read) PolicyReader.read(yaml)).documents().getFirst().tree()).orElseThrow();
    }

    private static StopGuard guard(Optional<AuthorizationPolicy> confirmed, boolean othersAllow) {
        return new StopGuard(new DeliveryStop(1, new ClusterRef(UUID.randomUUID(), "demo"), Optional.empty(), DeliveryStop.MadeAs.SECURITY, "a leak", Actor.system("test"), Instant.EPOCH,
                Optional.empty()), MeshSettings.DEFAULT, confirmed, othersAllow);
    }

    @Test
    void whatOnlyClosesGoes() {
        StopGuard guard = guard(Optional.of(WIDER), true);
        assertThat(guard.mayOpen(Optional.of(WIDER), ONE)).isFalse();
        assertThat(guard.mayOpen(Optional.of(WIDER), NOTHING)).isFalse();
        assertThat(guard.mayOpen(Optional.of(ONE), ONE)).isFalse();
    }

    @Test
    void whatOpensWaits() {
        StopGuard guard = guard(Optional.of(WIDER), false);
        assertThat(guard.mayOpen(Optional.of(ONE), WIDER)).isTrue();
        assertThat(guard.mayOpen(Optional.of(NOTHING), ONE)).isTrue();
    }

    @Test
    void whatCannotBeComparedWaits() {
        StopGuard guard = guard(Optional.of(WIDER), false);
        assertThat(guard.mayOpen(Optional.of(policy("ALLOW", "other", "/*")), ONE)).as("other pods").isTrue();
        assertThat(guard.mayOpen(Optional.of(policy("DENY", "pay", "/*")), ONE)).as("another action").isTrue();
    }

    @Test
    void whatIsKeptFromClosingIsTold() {
        StopGuard guard = guard(Optional.of(WIDER), false);
        AuthorizationPolicy other = policy("ALLOW", "pay", "/b");
        assertThat(guard.mayOpen(Optional.of(other), ONE)).isTrue();
        assertThat(guard.held(Optional.of(other), ONE).advice()).contains("close it in the cluster by hand");
        assertThat(guard.held(Optional.of(NOTHING), ONE).advice()).isEqualTo(guard.stop().advice());
    }

    /// Without an ALLOW policy a workload is open to everyone: ours only closes, unless another allows.
    @Test
    void whatIsMissingIsPutBackWhereNothingElseAllows() {
        assertThat(guard(Optional.of(ONE), false).mayOpen(Optional.empty(), ONE)).isFalse();
        assertThat(guard(Optional.of(ONE), true).mayOpen(Optional.empty(), ONE)).isTrue();
        assertThat(guard(Optional.of(ONE), true).mayOpen(Optional.empty(), NOTHING)).isFalse();
    }

    @Test
    void theFirstPolicyWaitsUnlessItMatchesNothing() {
        assertThat(guard(Optional.empty(), false).mayOpen(Optional.empty(), ONE)).isTrue();
        assertThat(guard(Optional.empty(), false).mayOpen(Optional.empty(), NOTHING)).isFalse();
    }
}
