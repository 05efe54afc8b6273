package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReachTests {
    private static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payment-service"));
    private static final Workload PROFILES = Workload.sidecar("production", Map.of("app", "user-profile"));
    private static final Spiffe ORDERS = new Spiffe("cluster.local", "production", "order-service");
    private static final Spiffe BILLING = new Spiffe("cluster.local", "production", "billing-service");
    private static final Known KNOWN = Known.identities(List.of(ORDERS, BILLING));

    @Test
    void everyRuleTellsWhomItLetsIn() {
        AuthorizationPolicy policy = allow("payments", "payment-service", rule(ORDERS, "/pay/*"), rule(BILLING, "/refund"));
        Reach reach = Reach.into(MeshSettings.DEFAULT, PAYMENTS, List.of(policy), KNOWN);

        assertThat(reach.uncertain()).isEmpty();
        assertThat(reach.accesses())
                .extracting(access -> access.region().description(), Reach.Access::by)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "order-service may call /pay/*",
                                Optional.of(new DecidingRule("production/payments", Optional.of(0)))),
                        org.assertj.core.groups.Tuple.tuple(
                                "billing-service may call /refund",
                                Optional.of(new DecidingRule("production/payments", Optional.of(1)))));
    }

    @Test
    void withoutAnyAllowPolicyEveryoneCanCall() {
        Reach reach = Reach.into(MeshSettings.DEFAULT, PAYMENTS, List.of(), KNOWN);

        assertThat(reach.accesses())
                .allSatisfy(access -> assertThat(access.by()).isEmpty())
                .extracting(access -> access.region().description())
                .containsExactly(
                        "order-service may do everything",
                        "billing-service may do everything",
                        "every other identity may do everything",
                        "every caller without identity may do everything");
    }

    @Test
    void aDenialIsTakenOffWhatARuleLetsThrough() {
        AuthorizationPolicy deny = new AuthorizationPolicy(
                ObjectMeta.of("production", "never"),
                Target.EVERYTHING,
                Action.DENY,
                Optional.empty(),
                List.of(new Rule(List.of(Source.principals(List.of(ORDERS.principal()))), List.of(), List.of())));
        Reach reach = Reach.into(
                MeshSettings.DEFAULT,
                PAYMENTS,
                List.of(deny, allow("payments", "payment-service", rule(ORDERS, "/pay/*"), rule(BILLING, "/refund"))),
                KNOWN);

        assertThat(reach.accesses())
                .extracting(access -> access.region().description())
                .containsExactly("billing-service may call /refund");
    }

    @Test
    void anIdentityReachesTheWorkloadsThatLetItIn() {
        Map<String, Workload> workloads = new LinkedHashMap<>();
        workloads.put("payment-service", PAYMENTS);
        workloads.put("user-profile", PROFILES);
        List<AuthorizationPolicy> policies = List.of(
                allow("payments", "payment-service", rule(ORDERS, "/pay/*")),
                allow("profiles", "user-profile", rule(BILLING, "/me")));

        assertThat(Reach.of(MeshSettings.DEFAULT, ORDERS, workloads, policies)).containsOnlyKeys("payment-service");
        assertThat(Reach.of(MeshSettings.DEFAULT, BILLING, workloads, policies)).containsOnlyKeys("user-profile");
    }

    @Test
    void whoeverPassesIsInTheReach() {
        Worlds worlds = Worlds.seeded(77);
        int passed = 0;
        for (int i = 0; i < 300; i++) {
            World world = worlds.world(DataPlane.SIDECAR);
            Known known = Known.identities(List.of(new Spiffe("cluster.local", "a", "x"), new Spiffe("td1", "a", "x")));
            Reach reach = Reach.into(world.mesh(), world.workload(), world.policies(), known);
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            for (int c = 0; c < 30; c++) {
                Call call = worlds.call(world);
                Optional<Spiffe> caller = call.principal().flatMap(Spiffe::parse).filter(known.identities()::contains);
                if (caller.isPresent() && authorizer.allows(call)) {
                    passed++;
                    assertThat(reach.accesses())
                            .as("%s %s", world, call)
                            .anyMatch(access -> access.region().party().equals(new Party.One(caller.get().principal(), true)));
                }
            }
        }
        assertThat(passed).isGreaterThan(300);
    }

    private static AuthorizationPolicy allow(String name, String app, Rule... rules) {
        return AuthorizationPolicy.allow(
                ObjectMeta.of("production", name), new Target.Selector(Map.of("app", app)), List.of(rules));
    }

    private static Rule rule(Spiffe caller, String path) {
        return new Rule(
                List.of(Source.principals(List.of(caller.principal()))),
                List.of(Operation.of(OperationField.PATHS, Values.any(path))),
                List.of());
    }
}
