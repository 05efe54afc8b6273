package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.laws.Worlds.World;

/// Tries a law on generated worlds and calls, and says how often it had something to say: a law that never speaks is
/// none.
final class LawOfWorlds {
    static final int WORLDS = 20_000;
    private static final long SEED = 20261123;

    private LawOfWorlds() {}

    /// Answers whether the law applied to the case; throws where it was broken.
    interface Law {
        boolean applies(Worlds worlds, World world, Call call);
    }

    static void holds(int atLeast, Law law) {
        Worlds worlds = Worlds.seeded(SEED);
        int spoke = 0;
        for (int i = 0; i < WORLDS; i++) {
            World world = worlds.world();
            for (int c = 0; c < 4; c++) {
                Call call = worlds.call(world);
                try {
                    spoke += law.applies(worlds, world, call) ? 1 : 0;
                } catch (AssertionError broken) {
                    throw new AssertionError("seed " + SEED + ", world " + i + ": " + world + "\ncall " + call, broken);
                }
            }
        }
        assertThat(spoke).as("cases in which the law says something").isGreaterThan(atLeast);
    }
}
