package dev.countersign.api;

import dev.countersign.policy.compile.Caller;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.reason.Repair;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.ServiceAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of the call, why, and by which policy.
///
/// - `reason`: in Istio's words: `allow-policy-matched`, `no-allow-policy-matched`, ...
/// - `wouldAllow`: the least that could be asked for so that the call passes; null where it passes already or nothing helps, and
///   `advice` then says what to do.
/// - `uncertain`: what this answer does not know; empty means that it is exact.
record SimulationDocument(
        Verdict.Decision decision, String reason, Optional<DecidingDocument> decidedBy, List<ConsideredDocument> considered,
        Optional<WouldAllowDocument> wouldAllow, Optional<String> advice, List<String> uncertain) {
    record DecidingDocument(String policy, Optional<Integer> rule) {}

    /// Every policy that concerns the workload, in the order of evaluation.
    record ConsideredDocument(String policy, Action action, boolean dryRun, boolean matched, String because) {}

    /// `ask` can be sent to /api/v1/access-requests as it is.
    record WouldAllowDocument(@Written(AskDocument.class) Map<String, Object> ask) {}

    static SimulationDocument of(Mesh.Surroundings around, Call call, Verdict verdict, Repair repair) {
        List<String> uncertain = new ArrayList<>(around.unreadable());
        if (verdict.reason() == Verdict.Reason.CUSTOM_MISCONFIGURED) {
            uncertain.add("A CUSTOM policy matches, and what its external authorizer answers is not known here: the call counts as denied. Ask the authorizer's owner.");
        }
        if (!around.found().membership().name().equals("SIDECAR") && !around.found().membership().name().equals("AMBIENT")) {
            uncertain.add(around.found().name() + " has no proxy of the mesh as far as is known: no policy is enforced for it. Put it into the mesh first.");
        }
        return new SimulationDocument(verdict.decision(), verdict.reason().word(),
                verdict.decidedBy().map(rule -> new DecidingDocument(rule.policy(), rule.rule())),
                verdict.considered().stream().map(one -> new ConsideredDocument(one.policy(), one.action(), one.dryRun(), one.matched(), one.because())).toList(),
                repair instanceof Repair.Grant(Caller.Identity caller, GrantedOperation operation)
                        ? Optional.of(new WouldAllowDocument(ask(around, caller, operation).tree()))
                        : Optional.empty(),
                advice(repair), uncertain);
    }

    private static Optional<String> advice(Repair repair) {
        return switch (repair) {
            case Repair.NotNeeded ignored -> Optional.empty();
            case Repair.Grant ignored -> Optional.of("Ask for it: send wouldAllow.ask with a justification to /api/v1/access-requests.");
            case Repair.Forbidden forbidden -> Optional.of(forbidden.message());
            case Repair.NoIdentity none -> Optional.of(none.message());
            case Repair.Unnameable unnameable -> Optional.of(unnameable.message());
        };
    }

    private static ServiceAccess ask(Mesh.Surroundings around, Caller.Identity caller, GrantedOperation operation) {
        return new ServiceAccess(List.of(around.cluster().name()),
                List.of(new AskSource.Account(caller.spiffe().namespace(), caller.spiffe().serviceAccount())),
                AskTarget.workload(around.found().namespace(), around.found().name()),
                operation.wholeService() ? List.of() : List.of(operation), List.of());
    }
}
