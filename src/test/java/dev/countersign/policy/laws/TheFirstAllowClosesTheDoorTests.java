package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A workload without an ALLOW is open; its first ALLOW shuts out all whom it does not name; deleting the last opens
/// it.
class TheFirstAllowClosesTheDoorTests {
    private static final AuthorizationPolicy NOTHING =
            AuthorizationPolicy.allow(ObjectMeta.of("istio-system", "first"), Target.EVERYTHING, List.of());

    @Test
    void withoutAnAllowAllThatIsNotDeniedPasses() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            var open = world.with(world.policies().stream()
                    .filter(policy -> policy.action() != Action.ALLOW || policy.dryRun())
                    .toList());
            Verdict verdict = Authorizer.decide(open.mesh(), open.policies(), open.workload(), call);
            if (verdict.allowed()) {
                assertThat(verdict.reason()).isEqualTo(Reason.NO_ALLOW_POLICY);
                assertThat(verdict.decidedBy()).isEmpty();
            }
            return verdict.allowed();
        });
    }

    @Test
    void anAllowWithoutRulesShutsTheOpenDoor() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            Verdict before = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            // A waypoint asks only policies that name it or the Service (istio.md 1.8).
            if (before.reason() != Reason.NO_ALLOW_POLICY || world.workload().dataPlane() == DataPlane.WAYPOINT) {
                return false;
            }
            var shut = world.plus(NOTHING);
            Verdict after = Authorizer.decide(shut.mesh(), shut.policies(), shut.workload(), call);
            assertThat(after.allowed()).isFalse();
            assertThat(after.reason()).isEqualTo(Reason.NO_ALLOW_POLICY_MATCHED);
            return true;
        });
    }

    @Test
    void deletingTheLastAllowOpensTheDoor() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            Verdict before = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            if (before.reason() != Reason.NO_ALLOW_POLICY_MATCHED) {
                return false;
            }
            var none = world.with(world.policies().stream()
                    .filter(policy -> policy.action() != Action.ALLOW || policy.dryRun())
                    .toList());
            Verdict after = Authorizer.decide(none.mesh(), none.policies(), none.workload(), call);
            assertThat(after.allowed()).isTrue();
            assertThat(after.reason()).isEqualTo(Reason.NO_ALLOW_POLICY);
            return true;
        });
    }

    /// Whichever ALLOW goes last, not all of them at once.
    @Test
    void deletingOneAllowAfterTheOtherOpensTheDoorWithTheLast() {
        LawOfWorlds.holds(1_000, (worlds, world, call) -> {
            Verdict before = Authorizer.decide(world.mesh(), world.policies(), world.workload(), call);
            if (before.reason() != Reason.NO_ALLOW_POLICY_MATCHED) {
                return false;
            }
            var left = world;
            for (var policy : world.policies()) {
                if (policy.action() != Action.ALLOW || policy.dryRun()) {
                    continue;
                }
                left = left.with(left.policies().stream().filter(other -> other != policy).toList());
                Verdict now = Authorizer.decide(left.mesh(), left.policies(), left.workload(), call);
                boolean stands = dev.countersign.policy.eval.Attachment
                        .attached(left.mesh(), left.policies(), left.workload())
                        .stream()
                        .anyMatch(other -> other.action() == Action.ALLOW && !other.dryRun());
                assertThat(now.allowed()).as("an ALLOW stands: %s", stands).isEqualTo(!stands);
            }
            return true;
        });
    }

    /// Among policies without an ALLOW, allow-nothing denies all that there is, whatever else is added or taken away of them.
    @Test
    void allowNothingIsAbsorbingWithoutOtherAllows() {
        LawOfWorlds.holds(5_000, (worlds, world, call) -> {
            if (world.workload().dataPlane() == DataPlane.WAYPOINT) {
                return false;
            }
            var others = world.with(world.policies().stream()
                    .filter(policy -> policy.action() != Action.ALLOW || policy.dryRun())
                    .toList());
            var shut = others.plus(NOTHING);
            assertThat(Authorizer.of(shut.mesh(), shut.policies(), shut.workload()).allows(call)).isFalse();
            var more = shut.plus(worlds.policy(world.workload().dataPlane(), worlds.pick(Action.DENY, Action.AUDIT), "more"));
            assertThat(Authorizer.of(more.mesh(), more.policies(), more.workload()).allows(call)).isFalse();
            return Authorizer.of(others.mesh(), others.policies(), others.workload()).allows(call);
        });
    }
}
