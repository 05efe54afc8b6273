package dev.countersign.grants;

/// Where a grant stands. An end is final: whoever wants the access again asks again.
public enum GrantState {
    ACTIVE,
    /// Its wave has not been let in yet: it lets nobody in, and no policy has it.
    HELD,
    /// It has not ended, but lets nobody in until its suspension is lifted.
    SUSPENDED,
    /// Its time is over, by the database's clock.
    EXPIRED,
    /// A person took it back, or gave it up.
    REVOKED;

    /// Whether it has not ended.
    public boolean stands() {
        return this == ACTIVE || this == HELD || this == SUSPENDED;
    }
}
