package dev.countersign.api;

import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.reason.MeshReach;
import dev.countersign.policy.reason.OperationClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an identity can call.
///
/// - `from`: the identity as `namespace/serviceAccount`; null for anyone, who has none.
/// - `services`: of how many services that enforce policies this is told. `leftOut`: how many of those that it reaches are not.
/// - `unenforced`: services without a proxy, which everyone reaches.
/// - `uncertain`: what was not decided, in sentences.
record ReachDocument(Optional<String> from, int services, List<ReachedDocument> items, int leftOut, List<String> unenforced, List<String> uncertain) {
    private static final int MOST = 1_000;
    private static final int MOST_CALLS = 20;

    /// `calls`, `perhaps`: kinds of calls, each as what follows "may": at most 20.
    record ReachedDocument(String service, List<CallsDocument> calls, List<CallsDocument> perhaps) {}

    /// `witness`: one such call.
    record CallsDocument(String words, WitnessDocument witness) {}

    static ReachDocument of(MeshReach reach, Optional<Spiffe> source, Mesh.Wide wide) {
        List<MeshReach.Reached> radius = reach.radius(source);
        List<String> uncertain = new ArrayList<>(wide.unreadable());
        uncertain.addAll(reach.doubts());
        List<ReachedDocument> items = radius.stream().limit(MOST)
                .map(one -> new ReachedDocument(one.workload(), calls(one.calls(), source, one.workload()), calls(one.uncertain(), source, one.workload()))).toList();
        return new ReachDocument(source.map(from -> from.namespace() + "/" + from.serviceAccount()), reach.workloads().size(), items, radius.size() - items.size(),
                wide.unenforced(), uncertain);
    }

    private static List<CallsDocument> calls(List<OperationClass> calls, Optional<Spiffe> source, String service) {
        return calls.stream().limit(MOST_CALLS).map(one -> new CallsDocument(one.description(), WitnessDocument.of(service, one.witness(source)))).toList();
    }
}
