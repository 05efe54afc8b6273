package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.yaml.PolicyReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeshHygieneTests {
    private static final Map<String, Workload> SHOP = Map.of(
            "shop/payments", Workload.sidecar("shop", Map.of("app", "payments")), "shop/orders", Workload.sidecar("shop", Map.of("app", "orders")));
    private static final Map<String, Object> PAYMENTS = Map.of("matchLabels", Map.of("app", "payments"));

    private static AuthorizationPolicy policy(String namespace, String name, Action action, Map<String, Object> selector, String path) {
        Map<String, Object> source = Map.of("source", Map.of("principals", List.of("cluster.local/ns/shop/sa/checkout")));
        Map<String, Object> operation = Map.of("operation", Map.of("paths", List.of(path)));
        Map<String, Object> spec = new java.util.HashMap<>(Map.of("action", action.name(), "rules", List.of(Map.of("from", List.of(source), "to", List.of(operation)))));
        if (!selector.isEmpty()) {
            spec.put("selector", selector);
        }
        return PolicyReader.authorizationPolicy(Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                "metadata", Map.of("namespace", namespace, "name", name), "spec", spec)).orElseThrow();
    }

    private static MeshHygiene hygiene(MeshHygiene.Limits limits, AuthorizationPolicy... policies) {
        return MeshHygiene.of(MeshComparison.Side.of(MeshSettings.DEFAULT, SHOP, List.of(policies)), limits);
    }

    @Test
    void aRuleThatIsNeededElsewhereIsNotFlawedEverywhere() {
        MeshHygiene hygiene = hygiene(MeshHygiene.Limits.USUAL, policy("shop", "keys", Action.ALLOW, Map.of(), "/admin/keys"),
                policy("shop", "never", Action.DENY, PAYMENTS, "/admin*"));
        assertThat(hygiene.found()).singleElement().satisfies(one -> {
            assertThat(one.finding().flaw()).isEqualTo(Hygiene.Flaw.SHADOWED);
            assertThat(one.workloads()).containsExactly("shop/payments");
            assertThat(one.everywhere()).isFalse();
        });
        assertThat(hygiene.judged()).isEqualTo(2);
        assertThat(hygiene.uncertain()).isEmpty();
    }

    @Test
    void aRuleThatDoesNothingAnywhereIsToldOnceForAllItsWorkloads() {
        assertThat(hygiene(MeshHygiene.Limits.USUAL, policy("shop", "keys", Action.ALLOW, Map.of(), "/admin/keys"),
                policy("shop", "never", Action.DENY, Map.of(), "/admin*")).found()).singleElement().satisfies(one -> {
            assertThat(one.workloads()).containsExactlyInAnyOrder("shop/payments", "shop/orders");
            assertThat(one.everywhere()).isTrue();
        });
    }

    @Test
    void aRuleOfTheRootNamespaceIsForWorkloadsThatNobodyLookedAt() {
        assertThat(hygiene(MeshHygiene.Limits.USUAL, policy("istio-system", "keys", Action.ALLOW, Map.of(), "/admin/keys"),
                policy("istio-system", "never", Action.DENY, Map.of(), "/admin*")).found()).singleElement()
                .satisfies(one -> assertThat(one.everywhere()).isFalse());
    }

    @Test
    void whatIsNotJudgedIsSaid() {
        AuthorizationPolicy keys = policy("shop", "keys", Action.ALLOW, PAYMENTS, "/admin/keys");
        AuthorizationPolicy never = policy("shop", "never", Action.DENY, PAYMENTS, "/admin*");
        MeshHygiene many = hygiene(new MeshHygiene.Limits(Duration.ofSeconds(5), 1), keys, never);
        assertThat(many.found()).isEmpty();
        assertThat(many.judged()).isEqualTo(1);
        assertThat(many.uncertain()).singleElement().asString().startsWith("shop/payments: more than 1 rules meet here");
        MeshHygiene late = hygiene(new MeshHygiene.Limits(Duration.ofSeconds(-1), 200), keys, never);
        assertThat(late.found()).isEmpty();
        assertThat(late.uncertain()).containsExactly("There was no time to judge the rules of 2 further workloads. Ask for one namespace at a time.");
    }
}
