package dev.countersign.policy.naive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Repair;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What `Repair` says of random denials is checked by the naive interpreter, which was written by another hand: the grant
/// lets the call pass and nobody else, and where no grant helps, even one of everything to everyone does not. Full volume: `-Drepair.denials=100000`.
class RepairsAreRecheckedTests {
    private static final int DENIALS = Integer.getInteger("repair.denials", 20_000);

    private enum Kind {
        GRANT,
        FORBIDDEN,
        NO_IDENTITY,
        UNNAMEABLE
    }

    @Test
    void everyRepairOfARandomDenialHolds() {
        Worlds worlds = Worlds.seeded(20261125);
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        int denials = 0;
        for (int i = 0; denials < DENIALS && i < 100 * DENIALS; i++) {
            World world = worlds.world();
            for (int c = 0; c < 5 && denials < DENIALS; c++) {
                Call call = worlds.call(world);
                boolean denied = naive(world, world.policies()).decide(call).decision() == Decision.DENY;
                Repair repair = Repair.of(world.mesh(), world.policies(), world.workload(), call);
                if (denied == repair instanceof Repair.NotNeeded) {
                    throw new AssertionError("denied " + denied + " but " + repair + "\n" + world + "\n" + call);
                }
                if (denied) {
                    denials++;
                    seen.merge(check(world, call, repair), 1, Integer::sum);
                }
            }
        }
        System.out.printf("repairs of %,d denials re-checked: %s%n", denials, seen);
        assertThat(denials).isEqualTo(DENIALS);
        assertThat(seen.keySet()).containsExactly(Kind.values());
    }

    private static Kind check(World world, Call call, Repair repair) {
        return switch (repair) {
            case Repair.NotNeeded _ -> throw new IllegalStateException();
            case Repair.Grant(var caller, var operation) -> {
                holds(true, world, call, repair, rule(List.of(caller.principal()), operation));
                // It gives nothing to another caller.
                Call other = new Call(
                        call.principal().map(name -> name + "x"), call.sourceIp(), call.remoteIp(), call.destinationIp(), call.destinationPort(), call.sni(),
                        call.http(), call.filterMetadata(), call.externalAuthorizers());
                boolean before = naive(world, world.policies()).decide(other).decision() == Decision.ALLOW;
                holds(before, world, other, repair, rule(List.of(caller.principal()), operation));
                yield Kind.GRANT;
            }
            case Repair.Forbidden _ -> {
                holds(false, world, call, repair, Rule.ANY);
                yield Kind.FORBIDDEN;
            }
            case Repair.NoIdentity _ -> {
                // Nobody who proves an identity is this caller, whatever policies name.
                if (call.principal().isPresent() && call.principal().get().matches("[^/]+/ns/[^/]+/sa/[^/]+")) {
                    throw new AssertionError(repair + "\n" + call);
                }
                yield Kind.NO_IDENTITY;
            }
            case Repair.Unnameable(var caller, var ignored) -> {
                holds(false, world, call, repair, rule(List.of(caller.principal()), GrantedOperation.WHOLE_SERVICE));
                yield Kind.UNNAMEABLE;
            }
        };
    }

    private static void holds(boolean expected, World world, Call call, Repair repair, Rule rule) {
        List<AuthorizationPolicy> more = new ArrayList<>(world.policies());
        more.add(AuthorizationPolicy.allow(ObjectMeta.of(world.workload().namespace(), "repair"), target(world.workload()), List.of(rule)));
        if ((naive(world, more).decide(call).decision() == Decision.ALLOW) != expected) {
            throw new AssertionError(repair + " does not hold\n" + world + "\n" + call);
        }
    }

    private static NaiveInterpreter naive(World world, List<AuthorizationPolicy> policies) {
        return new NaiveInterpreter(world.mesh(), policies, world.workload());
    }

    private static Rule rule(List<String> principals, GrantedOperation operation) {
        List<Operation> to = operation.wholeService() ? List.of() : List.of(new Operation(Map.of(
                OperationField.METHODS, Values.any(operation.methods()),
                OperationField.PATHS, Values.any(operation.paths()),
                OperationField.PORTS, Values.any(operation.ports().stream().map(String::valueOf).toList()))));
        return new Rule(List.of(Source.principals(principals)), to, List.of());
    }

    private static Target target(Workload workload) {
        return workload.dataPlane() == DataPlane.WAYPOINT
                ? new Target.References(List.of(new Target.Reference(
                        "gateway.networking.k8s.io", "Gateway", workload.labels().getOrDefault(Workload.GATEWAY_NAME, ""))))
                : Target.EVERYTHING;
    }
}
