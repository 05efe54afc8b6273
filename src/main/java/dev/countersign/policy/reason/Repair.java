package dev.countersign.policy.reason;

import dev.countersign.policy.compile.Caller;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What would let a denied call pass.
public sealed interface Repair {
    /// It passes already.
    record NotNeeded(Verdict verdict) implements Repair {}

    /// The least that can be asked for: this caller, this method, this path, this port. With it the call passes; the
    /// `Authorizer` was asked.
    record Grant(Caller.Identity caller, GrantedOperation operation) implements Repair {}

    /// No grant helps: a DENY or CUSTOM policy stands before every ALLOW.
    record Forbidden(Verdict.Reason reason, DecidingRule by) implements Repair {
        public String message() {
            return "No grant can let this call pass: " + by.policy() + " denies it before any ALLOW is asked."
                    + " Talk to the owner of that policy.";
        }
    }

    /// A grant is for a proven identity, and this call has none that Istio issued.
    record NoIdentity() implements Repair {
        public String message() {
            return "The call came without mutual TLS, so there is no identity to grant anything to."
                    + " Put the caller into the mesh first.";
        }
    }

    /// No policy of this mesh can name the caller: its certificate says `cluster.local`, which policies here read as the
    /// mesh's own trust domain (istio.md 1.3).
    record Unnameable(Caller.Identity caller, String trustDomain) implements Repair {
        public String message() {
            return "In this mesh a policy that says " + caller.principal() + " means " + trustDomain
                    + ", so the caller cannot be named. Add cluster.local to the mesh's trust domain aliases, or let the"
                    + " caller take a certificate of " + trustDomain + ".";
        }
    }

    static Repair of(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload, Call call) {
        Verdict verdict = Authorizer.decide(mesh, policies, workload, call);
        if (verdict.allowed()) {
            return new NotNeeded(verdict);
        }
        if (verdict.decidedBy().isPresent()) {
            return new Forbidden(verdict.reason(), verdict.decidedBy().get());
        }
        Optional<Caller.Identity> caller = call.principal().flatMap(Spiffe::parse).map(Caller.Identity::new);
        if (caller.isEmpty()) {
            return new NoIdentity();
        }
        boolean foreign = caller.get().spiffe().trustDomain().equals("cluster.local")
                && !mesh.trustDomains().bundle().contains("cluster.local");
        if (foreign && workload.dataPlane() != DataPlane.ZTUNNEL) {
            return new Unnameable(caller.get(), mesh.trustDomains().trustDomain());
        }
        boolean http = call.http().isPresent() && workload.dataPlane() != DataPlane.ZTUNNEL;
        List<GrantedOperation> candidates = new ArrayList<>();
        List<Integer> ports = call.destinationPort() == 0 ? List.of() : List.of(call.destinationPort());
        if (http) {
            List<String> method = named(call.http().get().method());
            List<String> path = named(call.http().get().path().split("[?#]", 2)[0]);
            candidates.add(new GrantedOperation(method, path, ports, List.of()));
            // A path that reads as a template or a pattern cannot be named exactly.
            candidates.add(new GrantedOperation(method, List.of(), ports, List.of()));
        }
        candidates.add(new GrantedOperation(List.of(), List.of(), ports, List.of()));
        return candidates.stream()
                .filter(operation -> passes(mesh, policies, workload, call, caller.get(), operation))
                .findFirst()
                .<Repair>map(operation -> new Grant(caller.get(), operation))
                .orElseThrow(() -> new IllegalStateException("no grant lets this call pass, though nothing denies it: " + call));
    }

    /// What is empty cannot be named by a grant, only be left out of it.
    private static List<String> named(String text) {
        return text.isEmpty() ? List.of() : List.of(text);
    }

    private static boolean passes(
            MeshSettings mesh,
            Collection<AuthorizationPolicy> policies,
            Workload workload,
            Call call,
            Caller.Identity caller,
            GrantedOperation operation) {
        List<AuthorizationPolicy> more = new ArrayList<>(policies);
        more.add(AuthorizationPolicy.allow(
                ObjectMeta.of(workload.namespace(), "countersign-repair"), target(workload), List.of(rule(caller, operation))));
        return Authorizer.of(mesh, more, workload).allows(call);
    }

    private static Rule rule(Caller.Identity caller, GrantedOperation operation) {
        Map<OperationField, Values> fields = Map.of(
                OperationField.METHODS, Values.any(operation.methods()),
                OperationField.PATHS, Values.any(operation.paths()),
                OperationField.PORTS, Values.any(operation.ports().stream().map(String::valueOf).toList()));
        return new Rule(
                List.of(Source.principals(List.of(caller.principal()))),
                operation.wholeService() ? List.of() : List.of(new Operation(fields)),
                List.of());
    }

    /// As a policy would attach to the workload: a waypoint heeds only policies that name it.
    private static Target target(Workload workload) {
        return workload.dataPlane() == DataPlane.WAYPOINT
                ? new Target.References(List.of(new Target.Reference(
                        "gateway.networking.k8s.io", "Gateway", workload.labels().getOrDefault(Workload.GATEWAY_NAME, ""))))
                : Target.EVERYTHING;
    }
}
