package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.compile.Caller;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepairTests {
    private static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payment-service"));
    private static final AuthorizationPolicy BASELINE =
            AuthorizationPolicy.allow(ObjectMeta.of("production", "baseline"), Target.EVERYTHING, List.of());
    private static final Call CALL =
            Call.http("cluster.local/ns/production/sa/frontend", "POST", "/api/v1/refunds/1?dry=1", "payments", 8080);

    @Test
    void theLeastGrantNamesCallerMethodPathAndPort() {
        assertThat(Repair.of(MeshSettings.DEFAULT, List.of(BASELINE), PAYMENTS, CALL))
                .isEqualTo(new Repair.Grant(
                        (Caller.Identity) Caller.identity("cluster.local", "production", "frontend"),
                        new GrantedOperation(List.of("POST"), List.of("/api/v1/refunds/1"), List.of(8080), List.of())));
    }

    @Test
    void aCallThatPassesNeedsNothing() {
        assertThat(Repair.of(MeshSettings.DEFAULT, List.of(), PAYMENTS, CALL)).isInstanceOf(Repair.NotNeeded.class);
    }

    @Test
    void noGrantHelpsAgainstADeny() {
        AuthorizationPolicy deny = new AuthorizationPolicy(
                ObjectMeta.of("production", "deny-by-default"), Target.EVERYTHING, Action.DENY, Optional.empty(), List.of(Rule.ANY));

        assertThat(Repair.of(MeshSettings.DEFAULT, List.of(BASELINE, deny), PAYMENTS, CALL))
                .isInstanceOfSatisfying(Repair.Forbidden.class, forbidden -> {
                    assertThat(forbidden.reason()).isEqualTo(Verdict.Reason.DENY_POLICY_MATCHED);
                    assertThat(forbidden.message()).contains("production/deny-by-default", "Talk to the owner");
                });
    }

    @Test
    void plainTextHasNoIdentityToGrantTo() {
        Call plain = new Call(
                Optional.empty(), CALL.sourceIp(), CALL.remoteIp(), CALL.destinationIp(), 8080, Optional.empty(), CALL.http(),
                Map.of(), Map.of());

        assertThat(Repair.of(MeshSettings.DEFAULT, List.of(BASELINE), PAYMENTS, plain))
                .isInstanceOfSatisfying(Repair.NoIdentity.class, none -> assertThat(none.message()).contains("into the mesh"));
    }

    @Test
    void aCallerThatPoliciesCannotNameIsToldApart() {
        MeshSettings renamed = new MeshSettings("istio-system", new TrustDomains("td1", List.of()));

        assertThat(Repair.of(renamed, List.of(BASELINE), PAYMENTS, CALL))
                .isInstanceOfSatisfying(Repair.Unnameable.class, repair -> assertThat(repair.message())
                        .contains("means td1", "Add cluster.local"));
    }

    @Test
    void aPathThatReadsAsATemplateIsNotNamed() {
        Call odd = Call.http("cluster.local/ns/production/sa/frontend", "GET", "/a/{*}", "payments", 8080);

        assertThat(Repair.of(MeshSettings.DEFAULT, List.of(BASELINE), PAYMENTS, odd))
                .isInstanceOfSatisfying(Repair.Grant.class, grant -> assertThat(grant.operation().paths()).isEmpty());
    }

    @Test
    void everyDenialHasARepairOrAReasonWhyNot() {
        Worlds worlds = Worlds.seeded(9);
        int repaired = 0;
        for (int i = 0; i < 4000; i++) {
            World world = worlds.world();
            Call call = worlds.call(world);
            Repair repair = Repair.of(world.mesh(), world.policies(), world.workload(), call);
            boolean allowed = Authorizer.of(world.mesh(), world.policies(), world.workload()).allows(call);
            assertThat(repair instanceof Repair.NotNeeded).isEqualTo(allowed);
            repaired += repair instanceof Repair.Grant ? 1 : 0;
        }
        assertThat(repaired).isGreaterThan(300);
    }
}
