package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Spiffe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two ways of computing: the regions of the diagram, and asking the `Authorizer` about one call of every combination of
/// atoms. As sets they are equal.
class RegionsEqualBruteForceTests {
    private static final int WORLDS = Integer.getInteger("reason.worlds", 500);
    private static final int MOST_CHOICES = 4000;

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void everyCombinationOfAtomsIsInTheRegionThatTheAuthorizerSays(DataPlane plane) {
        Worlds worlds = Worlds.seeded(20260823 + plane.ordinal());
        int compared = 0;
        for (int i = 0; i < WORLDS; i++) {
            World before = worlds.world(plane);
            List<AuthorizationPolicy> after = changed(worlds, before, plane);
            compared += compare(before, after);
        }
        System.out.println(plane + ": " + compared + " calls of " + WORLDS + " worlds");
        assertThat(compared).isGreaterThan(WORLDS);
    }

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void noCallThatChangesEscapesTheVerdict(DataPlane plane) {
        Worlds worlds = Worlds.seeded(42 + plane.ordinal());
        int changes = 0;
        for (int i = 0; i < WORLDS; i++) {
            World before = worlds.world(plane);
            List<AuthorizationPolicy> after = changed(worlds, before, plane);
            Comparison comparison =
                    Comparison.of(before.mesh(), before.workload(), before.policies(), after, Known.NOTHING);
            Authorizer old = Authorizer.of(before.mesh(), before.policies(), before.workload());
            Authorizer fresh = Authorizer.of(before.mesh(), after, before.workload());
            for (int c = 0; c < 40; c++) {
                Call call = worlds.call(before);
                if (call.principal().isPresent() && Spiffe.parse(call.principal().get()).isEmpty()) {
                    continue;
                }
                boolean allowed = old.allows(call);
                if (allowed != fresh.allows(call)) {
                    changes++;
                    assertThat(allowed ? comparison.newlyCut() : comparison.newlyAllowed())
                            .as("%s%n%s%n%s%n%s", before, after, call, comparison.uncertain())
                            .isNotEmpty();
                }
            }
        }
        assertThat(changes).isGreaterThan(100);
    }

    /// One policy more, one less, another one, or another rule in one.
    static List<AuthorizationPolicy> changed(Worlds worlds, World world, DataPlane plane) {
        List<AuthorizationPolicy> after = new ArrayList<>(world.policies());
        int at = worlds.pick(java.util.stream.IntStream.range(0, after.size()).boxed().toList());
        switch (worlds.pick(0, 1, 2, 3)) {
            case 0 -> after.add(worlds.policy(plane, "more"));
            case 1 -> after.remove(at);
            case 2 -> after.set(at, worlds.policy(plane, "other"));
            default -> {
                AuthorizationPolicy old = after.get(at);
                List<dev.countersign.policy.model.Rule> rules = new ArrayList<>(old.rules());
                rules.add(worlds.rule(old.action()));
                after.set(at, new AuthorizationPolicy(old.metadata(), old.target(), old.action(), old.provider(), rules));
            }
        }
        return after;
    }

    private static int compare(World before, List<AuthorizationPolicy> after) {
        Formula old = Formula.of(before.mesh(), before.policies(), before.workload());
        Formula fresh = Formula.of(before.mesh(), after, before.workload());
        List<Cube> cubes = new ArrayList<>(old.denies());
        cubes.addAll(old.allows());
        cubes.addAll(fresh.denies());
        cubes.addAll(fresh.allows());
        Space space = Space.of(cubes, Set.of());
        long choices = space.dimensions().stream().mapToLong(Dimension::atoms).reduce(1, (a, b) -> Math.min(a * b, 1 << 30));
        if (choices > MOST_CHOICES) {
            return 0;
        }
        Set<List<Integer>> opened = new HashSet<>();
        Set<List<Integer>> cut = new HashSet<>();
        // What is left out as apart must make no difference to the regions over all atoms.
        Delta delta = Delta.of(before.mesh(), before.workload(), before.policies(), after);
        Diagram.of(space, delta.before(), delta.after()).regions((leaf, atoms) ->
                expand(space, atoms, 0, new ArrayList<>(), leaf == Diagram.Leaf.OPENED ? opened : cut));
        WitnessMaker witnesses =
                new WitnessMaker(space.dimensions(), Comparison.speaksHttp(before.workload()), Known.NOTHING);
        Authorizer was = Authorizer.of(before.mesh(), before.policies(), before.workload());
        Authorizer is = Authorizer.of(before.mesh(), after, before.workload());
        Set<List<Integer>> openedByForce = new HashSet<>();
        Set<List<Integer>> cutByForce = new HashSet<>();
        for (int[] choice : witnesses.choices()) {
            Optional<String> principal =
                    ((Optional<?>) space.dimensions().getFirst().witnesses().get(choice[0])).map(String.class::cast);
            Call call = witnesses.of(principal, choice);
            boolean allowed = was.allows(call);
            if (allowed != is.allows(call)) {
                (allowed ? cutByForce : openedByForce).add(java.util.Arrays.stream(choice).boxed().toList());
            }
        }
        assertThat(opened).as("opened %s%n%s%n%s", before, after, space.dimensions()).isEqualTo(openedByForce);
        assertThat(cut).as("cut %s%n%s%n%s", before, after, space.dimensions()).isEqualTo(cutByForce);
        return (int) choices;
    }

    private static void expand(Space space, AtomSet[] region, int d, List<Integer> choice, Set<List<Integer>> into) {
        if (d == region.length) {
            assertThat(into.add(List.copyOf(choice))).as("regions do not overlap").isTrue();
            return;
        }
        (region[d] == null ? space.dimensions().get(d).all() : region[d]).forEach(atom -> {
            choice.add(atom);
            expand(space, region, d + 1, choice, into);
            choice.removeLast();
        });
    }
}
