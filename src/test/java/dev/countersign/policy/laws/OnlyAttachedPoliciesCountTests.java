package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.eval.Authorizer;
import org.junit.jupiter.api.Test;

/// Policies that do not attach to the called workload say nothing about it; and the short answer is the long one's.
class OnlyAttachedPoliciesCountTests {
    @Test
    void theAttachedOnesAloneDecideTheSame() {
        LawOfWorlds.holds(20_000, (worlds, world, call) -> {
            var attached = Attachment.attached(world.mesh(), world.policies(), world.workload());
            var verdict = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            assertThat(Authorizer.decide(world.mesh(), attached, world.workload(), call)).isEqualTo(verdict);
            assertThat(verdict.considered()).hasSameSizeAs(attached);
            assertThat(Authorizer.of(world.mesh(), world.policies(), world.workload()).allows(call))
                    .isEqualTo(verdict.allowed());
            return attached.size() < world.policies().size();
        });
    }

    @Test
    void theDecidingRuleIsAmongTheMatched() {
        LawOfWorlds.holds(10_000, (worlds, world, call) -> {
            var verdict = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            verdict.decidedBy().ifPresent(rule -> assertThat(verdict.considered())
                    .anyMatch(one -> one.policy().equals(rule.policy())
                            && one.matched()
                            && rule.rule().map(one.matchedRules()::contains).orElse(true)));
            return verdict.decidedBy().isPresent();
        });
    }
}
