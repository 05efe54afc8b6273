package dev.countersign.policy.check;

/// Who says it: the API server from the schema, istiod's webhook, or our own lint.
public enum Layer {
    CRD,
    WEBHOOK,
    LINT
}
