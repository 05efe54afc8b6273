package dev.countersign.approval;

/// What a reviewer says about one version of a request.
public enum Decision {
    APPROVE,
    REJECT,
    /// Back to the requester: their next version is decided anew.
    REQUEST_CHANGES
}
