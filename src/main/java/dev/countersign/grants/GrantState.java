package dev.countersign.grants;

/// Where a grant stands. An end is final: whoever wants the access again asks again.
public enum GrantState {
    ACTIVE,
    /// Its time is over, by the database's clock.
    EXPIRED,
    /// A person took it back, or gave it up.
    REVOKED
}
