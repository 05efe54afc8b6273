package dev.countersign.requests;

import dev.countersign.audit.Actor;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The way forward of a request, for the room that decides. Every method runs in the caller's transaction. Recording the
/// decision is the caller's.
public interface RequestProgress {
    /// The request as it is at this moment, its row locked until the transaction ends; empty where unknown to the tenant.
    Optional<Locked> lock(long number);

    /// As `lock` while the request can be decided; one that cannot be any more is told without waiting for anybody, and not locked.
    Optional<Locked> lockOpen(long number);

    /// As `lock` without the lock, for pages.
    Optional<Locked> look(long number);

    /// Whom it concerns at this moment: asked of the catalog, so only where the answer depends on it.
    Stakes stakes(Locked request);

    /// The same, and what granting it would do at this moment: the mesh is asked once for both.
    Outlook outlook(Locked request);

    /// The same for a word of agreement, which holds only for what was agreed to. Waits until nobody else changes grants of the tenant,
    /// so that its answers hold until the transaction ends, as far as the portal knows the clusters. The mesh is asked once for both.
    Approval approval(Locked request);

    /// The request is approved: publishes `RequestApproved`, whose listeners take part in this transaction. Like the other
    /// two, throws IllegalStateException unless the request was locked in SUBMITTED and has not lapsed.
    void approved(Locked request, Actor decidedBy);

    void rejected(Locked request);

    void changesRequested(Locked request);

    /// What the request's own row says.
    ///
    /// - `state`: LAPSED as soon as its lifetime is over by the database's clock, whether or not the job has been there.
    record Locked(
            UUID id,
            long number,
            int version,
            RequestState state,
            String digest,
            UUID requester,
            String requesterName,
            Ask ask,
            GrantPeriod period,
            List<Place> places,
            java.time.Instant submittedAt,
            java.time.Instant lapsesAt) {
        public Locked {
            places = List.copyOf(places);
        }
    }

    /// `effect`: empty where it cannot be said of each of the clusters.
    record Outlook(Stakes stakes, Optional<Effect> effect) {}

    /// A request that a person is about to agree to.
    interface Approval {
        Stakes stakes();

        /// Why what it would do at this moment is not what a person agreed to who was shown an effect with the digest `shown`, or,
        /// without one, what was foreseen when the version was submitted; empty where it is. What the request is tied to
        /// (`RequestTies`) has its say too.
        Optional<String> changed(Optional<String> shown);
    }
}
