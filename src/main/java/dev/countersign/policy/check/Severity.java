package dev.countersign.policy.check;

/// An error is refused (by Istio, or for a lint finding by us); a warning is accepted and probably regretted.
public enum Severity {
    ERROR,
    WARNING,
    INFO
}
