package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.model.AuthorizationPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Policies are a set: neither their order nor a second copy of one changes the verdict, the deciding rule included.
class OrderDoesNotMatterTests {
    @Test
    void aShuffledSetDecidesTheSame() {
        Random order = new Random(7);
        LawOfWorlds.holds(20_000, (worlds, world, call) -> {
            List<AuthorizationPolicy> shuffled = new ArrayList<>(world.policies());
            Collections.shuffle(shuffled, order);
            assertThat(Authorizer.decide(world.mesh(), shuffled, world.workload(), call))
                    .isEqualTo(Authorizer.decide(world.mesh(), world.policies(), world.workload(), call));
            return !shuffled.equals(world.policies());
        });
    }

    @Test
    void rulesOfAPolicyAreAUnion() {
        LawOfWorlds.holds(20_000, (worlds, world, call) -> {
            List<AuthorizationPolicy> reversed = world.policies().stream()
                    .map(policy -> new AuthorizationPolicy(
                            policy.metadata(), policy.target(), policy.action(), policy.provider(),
                                    policy.rules().reversed()))
                    .toList();
            assertThat(Authorizer.of(world.mesh(), reversed, world.workload()).allows(call))
                    .isEqualTo(Authorizer.of(world.mesh(), world.policies(), world.workload()).allows(call));
            return !reversed.equals(world.policies());
        });
    }
}
