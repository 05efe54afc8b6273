package dev.countersign.histories;

/// What may go wrong in a history. Each history draws which kinds it has.
public enum Fault {
    CRASH,
    PAUSE,
    /// One that lives, or only sleeps, is taken for dead by another.
    BELIEVED_DEAD,
    DATABASE_FAILS,
    COMMIT_ANSWER_LOST,
    CALL_FAILS,
    CALL_ANSWER_LOST,
    SLOW_CALL,
    NOTIFICATION_LOST,
    CLUSTER_DOWN,
    THROTTLED,
    REFUSED,
    CREDENTIALS_REFUSED,
    NAMESPACE_GONE,
    CLUSTER_REPLACED,
    FOREIGN_EDIT,
    FOREIGN_DELETION,
    FOREIGN_OBJECT,
    WATCH_LATE,
    WATCH_DROPPED,
    WATCH_TWICE,
    PEOPLE_CHANGE,
    WITHDRAWAL,
    REVISION_OF_REQUEST,
    EXPIRY,
    REVOCATION,
    STOP,
    ROLLBACK
}
