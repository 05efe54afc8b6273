package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.DataPlane;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two ways to the same decision: prepared for many calls, and as specified.
class PreparedMeshTests {
    private static final int CALLS = Integer.getInteger("prepared.calls", 50_000);

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void itDecidesEveryCallAsTheAuthorizerDoes(DataPlane plane) {
        Worlds worlds = Worlds.seeded(31 + plane.ordinal());
        int allowed = 0;
        for (int i = 0; i < CALLS / 20; i++) {
            World world = worlds.world(plane);
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            PreparedMesh.Guarded prepared =
                    PreparedMesh.of(world.mesh(), world.policies()).workload(world.workload());
            for (int c = 0; c < 20; c++) {
                Call call = worlds.call(world);
                boolean allows = authorizer.allows(call);
                allowed += allows ? 1 : 0;
                if (prepared.allows(call) != allows) {
                    assertThat(prepared.allows(call)).as("%s%n%s", world, call).isEqualTo(allows);
                }
            }
        }
        assertThat(allowed).isBetween(CALLS / 20, CALLS - CALLS / 20);
    }
}
