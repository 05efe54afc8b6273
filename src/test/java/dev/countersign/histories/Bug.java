package dev.countersign.histories;

/// A fault planted in a simulated store or around a decision of the product, of the kind that a judge has to find.
public enum Bug {
    NONE,
    /// An outcome is recorded whatever the fence.
    FENCE_NOT_CHECKED,
    /// What another replica holds is claimed all the same.
    LEASE_NOT_CHECKED,
    /// A courier writes without asking for its claim once more.
    CLAIM_NOT_ASKED_BEFORE_WRITE,
    /// "Applied" is recorded when the courier is about to write.
    RECORDED_BEFORE_WRITTEN,
    /// A member of a team that gains may decide.
    BENEFICIARY_COUNTS,
    /// Who gained when the request was submitted may decide once they left that team.
    GAINED_THEN_FORGOTTEN,
    /// A word counts for the version that is there, whatever was shown.
    DIGEST_NOT_COMPARED,
    /// As many words as there are seats are enough, whoever's they are.
    WORDS_COUNTED_NOT_SEATS,
    /// Whoever was eligible when they spoke counts for ever.
    ROLES_OF_YESTERDAY,
    /// A request is approved on what was read before its lock.
    APPROVED_WITHOUT_LOCK,
    /// The policy that closes a workload goes before the one that allows.
    BASELINE_FIRST,
    /// Grants are written in a transaction after the one that approves.
    GRANTS_APART,
    /// A watch that is behind is believed.
    STALE_WATCH_TRUSTED,
    /// What the watch did not tell is not looked for (as it was before the histories found it).
    NOTHING_DOUBTED,
    /// A submission whose answer was lost is taken for a new one when it is repeated.
    LOST_ANSWER_IS_NEW,
    /// A grant whose time is over counts until somebody ends it, and nobody does.
    EXPIRY_FORGOTTEN,
    /// A suspended grant lets callers in.
    SUSPENSION_FORGOTTEN,
    /// The entry of a delivery is written in a transaction of its own.
    ENTRY_APART,
    /// Claims do not look at the tenant.
    TENANT_NOT_ASKED,
    /// Whose label an object carries is not looked at.
    LABEL_NOT_LOOKED_AT,
    /// A write names no state that it expects.
    EXPECTED_STATE_NOT_SENT,
    /// What is absent is made under the name that owns what is there (as it was before).
    CREATED_UNDER_THE_USUAL_NAME,
    /// A stop holds nothing back.
    STOP_WITHOUT_GUARD,
    /// What waited for a release is not made due by it.
    RELEASE_WAKES_NOTHING,
    /// What couriers hold when a stop is released stays in their hands (as it was before the histories found it).
    RELEASE_FORGETS_COURIERS,
    /// A grant is ended once by each who comes.
    ENDED_TWICE,
    /// A claim that its replica lost is never handed out again.
    LEASE_NEVER_ENDS,
    /// What a replica held that is taken for dead goes to the next one under the same fence.
    TAKEN_OVER_UNDER_THE_OLD_FENCE,
    /// Nobody asks whether a cluster is still the registered one.
    IDENTITY_NOT_ASKED
}
