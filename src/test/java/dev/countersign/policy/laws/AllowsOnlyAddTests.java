package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Where one ALLOW stands, a further ALLOW never takes anything away.
class AllowsOnlyAddTests {
    @Test
    void aFurtherAllowNeverTakesAway() {
        LawOfWorlds.holds(1_000, (worlds, world, call) -> {
            Verdict before = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            if (before.reason() == Reason.NO_ALLOW_POLICY) {
                return false;
            }
            var more = world.plus(worlds.policy(world.workload().dataPlane(), Action.ALLOW, "further", false));
            boolean after = Authorizer.of(more.mesh(), more.policies(), more.workload()).allows(call);
            assertThat(after || !before.allowed()).as("still allowed").isTrue();
            return after && !before.allowed();
        });
    }

    @Test
    void allowNothingAddsNothingWhereAnAllowStands() {
        AuthorizationPolicy nothing = AuthorizationPolicy.allow(
                ObjectMeta.of("istio-system", "allow-nothing"), Target.EVERYTHING, List.of());
        LawOfWorlds.holds(10_000, (worlds, world, call) -> {
            Verdict before = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            if (before.reason() == Reason.NO_ALLOW_POLICY) {
                return false;
            }
            var more = world.plus(nothing);
            Verdict after = Authorizer.decide(more.mesh(), more.policies(), more.workload(), call);
            assertThat(after.decision()).isEqualTo(before.decision());
            assertThat(after.decidedBy()).isEqualTo(before.decidedBy());
            return true;
        });
    }
}
