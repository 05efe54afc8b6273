package dev.countersign.delivery;

import dev.countersign.clusters.ClusterObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What became of a consignment.
sealed interface Receipt {
    /// The cluster holds the revision, and it was read back. `how`: written now, found as it should be, or taken back from
    /// `managers` who had changed it.
    record Delivered(How how, ClusterObject object, List<String> managers) implements Receipt {
        enum How {
            APPLIED,
            ADOPTED,
            TAKEN_BACK
        }
    }

    /// The cluster (or another owner) says no; a person has to act. `outcome` as `delivery_attempt` knows it.
    record Refused(String outcome, String words, String advice, List<String> managers, Again again) implements Receipt {}

    /// What the portal does by itself about a refusal.
    enum Again {
        /// Nothing: only a person can say that it makes sense.
        NEVER(""),
        /// Once a minute: what refuses is a rule or an object, and those seldom change.
        SLOWLY(" It is tried again every minute."),
        /// Within seconds: what is missing may come back at any time (a namespace, a kind, a right), or somebody else is writing.
        SOON(" It is tried again by itself."),
        /// The credentials are refused: nothing more is asked of this cluster than one question every few seconds.
        LOCKED_OUT(" Until then nothing is delivered to this cluster.");

        private final String words;

        Again(String words) {
            this.words = words;
        }

        /// The advice, with what happens by itself.
        String beside(String advice) {
            return advice + words;
        }
    }

    /// Five rounds with another hand: stopped, a person has to act.
    record Contested(String words, String advice, List<String> managers) implements Receipt {}

    /// Try again, not before `retryAfter` where the cluster named a time. `answered`: the cluster did its part; the object
    /// changed under our hands.
    record Postponed(boolean answered, String words, String advice, Optional<Duration> retryAfter) implements Receipt {}

    /// A stop holds, and writing it might open something: nothing was written. Waits for the release, or for a later revision.
    record Held(String words, String advice) implements Receipt {}

    /// The portal itself failed at it, and would again: a revision that cannot be read, or a defect. Tried again ever more seldom,
    /// so that it keeps nothing else waiting; a person is told.
    record Broken(String words, String advice) implements Receipt {}

    static Receipt broken() {
        return new Broken("the portal itself fails at this policy", Again.SOON.beside("Tell the operators of the portal: its log says why, beside the name of this policy."));
    }

    /// There is no cluster of that identifier any more.
    static Receipt unregistered() {
        return new Refused("REFUSED", "the cluster is no longer registered", "Register the cluster again, then reconcile.", List.of(), Again.NEVER);
    }
}
