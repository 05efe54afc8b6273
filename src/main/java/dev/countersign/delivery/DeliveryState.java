package dev.countersign.delivery;

/// How a policy stands in its cluster.
public enum DeliveryState {
    /// A revision is to be delivered.
    WAITING,
    /// The cluster has been asked and has not been read back yet.
    APPLYING,
    /// It is in the Git repository that the cluster is delivered by, and the cluster has not shown it yet.
    PUSHED,
    /// The cluster said so, and the object was read back as it should be.
    APPLIED,
    /// Another hand changed or deleted it; it is being put right, or (after five rounds) waits for a person.
    DRIFTED,
    /// The cluster, or the owner of an object of the same name, says no. Waits for a person.
    REFUSED,
    /// No answer yet; tried again.
    UNREACHABLE,
    /// Of a request, never of a policy: its grant is suspended, so that the policy stands without it.
    SUSPENDED
}
