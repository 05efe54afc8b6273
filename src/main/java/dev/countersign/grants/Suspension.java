package dev.countersign.grants;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Somebody's word that rolled a policy back to an earlier revision: the grants which that revision did not carry are kept out of
/// the cluster until the suspension is lifted. It only closes, and it ends for a grant when the grant ends.
///
/// - `number`: counts within the tenant.
/// - `policy`: the name of the policy, `fromRevision` the one that stood, `toRevision` the one it went back to.
/// - `grants`: the numbers of all that it took out; `standing`: of those that have not ended.
/// - `by`, `madeAs`: who said it, and by which right.
public record Suspension(
        long number, ClusterRef cluster, String namespace, String workload, String policy, long fromRevision, long toRevision, MadeAs madeAs, String reason,
        Actor by, Instant at, List<Long> grants, List<Long> standing, Optional<Resumption> resumption) {
    public Suspension {
        grants = List.copyOf(grants);
        standing = List.copyOf(standing);
    }

    /// Why it was lifted.
    public record Resumption(Actor by, Instant at, String reason) {}

    /// By which right somebody rolled back. Security may lift every suspension; an owner only an owner's.
    public enum MadeAs {
        SECURITY,
        OWNER
    }

    public enum State {
        /// It keeps grants out.
        HOLDING,
        /// Somebody lifted it.
        RESUMED,
        /// Every grant of it has ended.
        OVER
    }

    public State state() {
        return resumption.isPresent() ? State.RESUMED : standing.isEmpty() ? State.OVER : State.HOLDING;
    }

    public boolean holds() {
        return state() == State.HOLDING;
    }

    /// "suspended by security (suspension 3, back to revision 2): we look into a leak". Names a right and no person; who it was
    /// stands with the suspension.
    public String words() {
        return "suspended by " + switch (madeAs) {
            case SECURITY -> "security";
            case OWNER -> "the owning team";
        } + " (suspension " + number + ", back to revision " + toRevision + "): " + reason;
    }

    /// What has to happen, for whoever was let in by it.
    public String advice() {
        return "It lets nobody in until " + switch (madeAs) {
            case SECURITY -> "security resumes";
            case OWNER -> "the owning team or security resumes";
        } + " suspension " + number + ".";
    }
}
