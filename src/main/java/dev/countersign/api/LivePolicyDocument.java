package dev.countersign.api;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An AuthorizationPolicy of a cluster, where it comes from, and whether it is as it should be.
///
/// - `live`: seen in the cluster; false for one of ours that is not there (yet, or any more).
/// - `managers`: whose hands wrote its spec, as the cluster tells.
/// - `object`: the object as last seen, null where it was not; `problem`: why it cannot be read, null where it can.
record LivePolicyDocument(
        String namespace, String name, Provenance provenance, boolean live, List<String> managers, Optional<DeliveredDocument> delivery,
        Optional<Map<String, Object>> object, Optional<String> problem) {
    enum Provenance {
        /// Granted and delivered by this portal.
        COUNTERSIGN,
        /// Written by somebody else; never touched without an approved adoption of exactly that object.
        OTHER
    }

    /// How one of our policies stands. `words` are the cluster's, `advice` says what to do; both "" where all is well.
    record DeliveredDocument(
            DeliveryState state, long revision, Optional<Long> appliedRevision, Optional<Instant> appliedAt, Instant since, String workload,
            List<Long> requests, String words, String advice) {}

    record LivePolicyListDocument(List<LivePolicyDocument> items, List<String> refusals) {}

    static LivePolicyDocument of(LivePolicy policy, Optional<DeliveryBoard.Standing> ours) {
        return new LivePolicyDocument(policy.namespace(), policy.name(), ours.isPresent() ? Provenance.COUNTERSIGN : Provenance.OTHER, true,
                policy.managers(), ours.map(LivePolicyDocument::delivered), Optional.of(policy.tree()), policy.problem());
    }

    static LivePolicyDocument missing(DeliveryBoard.Standing ours) {
        return new LivePolicyDocument(ours.namespace(), ours.name(), Provenance.COUNTERSIGN, false, List.of(), Optional.of(delivered(ours)),
                Optional.empty(), Optional.empty());
    }

    private static DeliveredDocument delivered(DeliveryBoard.Standing ours) {
        return new DeliveredDocument(ours.state(), ours.desiredRevision(), ours.appliedRevision(), ours.appliedAt(), ours.since(), ours.workload(),
                ours.requests(), ours.words(), ours.advice());
    }
}
