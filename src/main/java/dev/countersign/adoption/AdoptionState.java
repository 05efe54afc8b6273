package dev.countersign.adoption;

/// How an adoption stands.
public enum AdoptionState {
    /// Its requests are being decided.
    OPEN,
    /// One of its requests was rejected or withdrawn, or lapsed: the foreign policy stays.
    ABANDONED,
    /// Every rule is approved; our policy is being delivered, and the foreign one is still there.
    WAITING,
    /// It is on the record that the foreign policy is being removed.
    REMOVING,
    REMOVED,
    /// It is not removed, because it is not what was adopted, or a grant ended: a person has to act.
    STOPPED
}
