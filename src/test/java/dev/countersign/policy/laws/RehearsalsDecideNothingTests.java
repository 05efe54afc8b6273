package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.model.Action;
import org.junit.jupiter.api.Test;

/// Dry-run and AUDIT policies tell, and never decide.
class RehearsalsDecideNothingTests {
    @Test
    void withoutDryRunAndAuditTheDecisionIsTheSame() {
        LawOfWorlds.holds(10_000, (worlds, world, call) -> {
            var plain = world.with(world.policies().stream()
                    .filter(policy -> policy.action() != Action.AUDIT && !policy.dryRun())
                    .toList());
            Verdict full = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            Verdict bare = Authorizer.decide(plain.mesh(), plain.policies(), plain.workload(), call);
            assertThat(full.decision()).isEqualTo(bare.decision());
            assertThat(full.reason()).isEqualTo(bare.reason());
            assertThat(full.decidedBy()).isEqualTo(bare.decidedBy());
            assertThat(bare.dryRun()).isEmpty();
            assertThat(bare.audited()).isFalse();
            return plain.policies().size() < world.policies().size();
        });
    }
}
