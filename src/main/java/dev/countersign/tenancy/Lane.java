package dev.countersign.tenancy;

/// Whose connections a piece of work takes: each lane has its own, so that none can take those of another.
public enum Lane {
    /// What people and programs ask for.
    REQUESTS,
    /// By which somebody comes in and sees what is wrong, also while everything else waits: health, signing in, administration.
    ADMINISTRATION,
    /// Whatever nobody waits for: deliveries, the sealing of the record, expiry.
    BACKGROUND
}
