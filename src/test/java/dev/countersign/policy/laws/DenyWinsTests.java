package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import org.junit.jupiter.api.Test;

/// Where an enforced DENY matches, the call is denied, whatever else there is.
class DenyWinsTests {
    @Test
    void aMatchingDenyDeniesWhateverAllows() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            Verdict verdict = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            boolean denies = verdict.considered().stream()
                    .anyMatch(one -> one.action() == Action.DENY && !one.dryRun() && one.matched());
            if (denies) {
                assertThat(verdict.allowed()).isFalse();
                assertThat(verdict.reason())
                        .isIn(Reason.DENY_POLICY_MATCHED, Reason.CUSTOM_DENIED, Reason.CUSTOM_MISCONFIGURED);
            } else {
                assertThat(verdict.reason()).isNotEqualTo(Reason.DENY_POLICY_MATCHED);
            }
            return denies;
        });
    }

    @Test
    void aFurtherDenyNeverOpens() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            boolean before = Authorizer.of(world.mesh(), world.policies(), world.workload()).allows(call);
            var more = world.plus(worlds.policy(world.workload().dataPlane(), Action.DENY, "further"));
            boolean after = Authorizer.of(more.mesh(), more.policies(), more.workload()).allows(call);
            assertThat(after && !before).as("opened by a DENY").isFalse();
            return before && !after;
        });
    }
}
