package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Holds a whole matrix against the `Authorizer`: every cell by its class's witness, and calls from elsewhere by the class
/// that they belong to. It finds the class of a call by reading the rules' demands itself.
class ReachChecker {
    private static final ExternalAuthorizer LETS = new ExternalAuthorizer(false, true);
    private static final ExternalAuthorizer REFUSES = new ExternalAuthorizer(false, false);

    private final MeshReach reach;
    long cells;
    long passing;
    long uncertain;
    long calls;
    long unproven;

    ReachChecker(MeshReach reach) {
        this.reach = reach;
    }

    /// What the matrix says; tests of this checker say something else.
    ReachRow.Access access(String workload, int number) {
        return reach.row(workload).accesses().get(number);
    }

    /// The first disagreement, in words.
    Optional<String> disagreement(
            MeshSettings mesh, Map<String, Workload> workloads, Collection<AuthorizationPolicy> policies, int each, Supplier<Call> random) {
        for (Map.Entry<String, Workload> entry : workloads.entrySet()) {
            String workload = entry.getKey();
            Authorizer authorizer = Authorizer.of(mesh, policies, entry.getValue());
            CallClasses classes = reach.row(workload).classes();
            if (!classes.proven()) {
                unproven++;
            }
            for (int c = 0; c < classes.classes().size() && !classes.entangled(); c++) {
                Call witness = reach.into(workload).get(c).calls().witness(Optional.empty());
                if (!members(classes, witness).equals(classes.classes().get(c))) {
                    return Optional.of(workload + ": the witness of " + classes.words(classes.classes().get(c)) + " is no such call: " + witness);
                }
                for (int s = 0; s <= reach.sources().size(); s++) {
                    Optional<Spiffe> source = s == reach.sources().size() ? Optional.empty() : Optional.of(reach.sources().get(s));
                    cells++;
                    Optional<String> wrong = wrong(workload, c, s, as(witness, source.map(Spiffe::principal)), authorizer);
                    if (wrong.isPresent()) {
                        return wrong;
                    }
                }
            }
            for (int i = 0; i < each && !classes.entangled(); i++) {
                Call call = random.get();
                Optional<Integer> source = number(call);
                if (source.isEmpty()) {
                    continue; // not of these sources
                }
                calls++;
                int c = classes.classes().indexOf(members(classes, call));
                if (c < 0) {
                    if (classes.proven()) {
                        return Optional.of(workload + ": in no class: " + call);
                    }
                    continue;
                }
                Optional<String> wrong = wrong(workload, c, source.get(), call, authorizer);
                if (wrong.isPresent()) {
                    return wrong;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Integer> number(Call call) {
        if (call.principal().isEmpty()) {
            return Optional.of(reach.sources().size());
        }
        return call.principal().flatMap(Spiffe::parse).map(reach.sources()::indexOf).filter(at -> at >= 0);
    }

    private Optional<String> wrong(String workload, int c, int source, Call call, Authorizer authorizer) {
        ReachRow.Access access = access(workload, c);
        boolean passes = access.passing().has(source);
        boolean unsure = access.uncertain().has(source);
        passing += passes ? 1 : 0;
        uncertain += unsure ? 1 : 0;
        // Whatever the authorizer answers, or only if it lets the call pass, or never.
        boolean best = authorizer.allows(answered(call, LETS));
        boolean worst = authorizer.allows(answered(call, REFUSES));
        boolean right = passes ? best && worst && !unsure : unsure ? best && !worst : !best && !worst;
        return right ? Optional.empty()
                : Optional.of(workload + ", source " + source + ", class " + c + ": " + (passes ? "passes" : unsure ? "uncertain" : "denied")
                        + ", but the authorizer says " + best + "/" + worst + " of " + call);
    }

    static AtomSet members(CallClasses classes, Call call) {
        boolean[] members = new boolean[classes.operations().size()];
        for (int o = 0; o < members.length; o++) {
            members[o] = classes.operations().get(o).cubes().stream().anyMatch(cube -> is(cube, call));
        }
        return AtomSet.of(members.length, members);
    }

    private static boolean is(Cube cube, Call call) {
        for (Literal literal : cube.literals()) {
            boolean any = !literal.limited() || literal.any().stream().anyMatch(one -> EveryCallIsInItsRegionTests.holds(literal.key(), one, call));
            if (!any || literal.none().stream().anyMatch(one -> EveryCallIsInItsRegionTests.holds(literal.key(), one, call))) {
                return false;
            }
        }
        return true;
    }

    static Call as(Call call, Optional<String> principal) {
        return new Call(principal, call.sourceIp(), call.remoteIp(), call.destinationIp(), call.destinationPort(), call.sni(), call.http(),
                call.filterMetadata(), call.externalAuthorizers());
    }

    private static Call answered(Call call, ExternalAuthorizer answer) {
        return new Call(call.principal(), call.sourceIp(), call.remoteIp(), call.destinationIp(), call.destinationPort(), call.sni(),
                call.http(), call.filterMetadata(), Map.of("grpc", answer, "http", answer, "missing", answer));
    }

    static List<Spiffe> sources(String... principals) {
        List<Spiffe> sources = new ArrayList<>();
        for (String principal : principals) {
            sources.add(Spiffe.parse(principal).orElseThrow());
        }
        return sources;
    }
}
