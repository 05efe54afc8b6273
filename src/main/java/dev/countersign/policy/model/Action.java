package dev.countersign.policy.model;

/// What a matching AuthorizationPolicy does. Order of evaluation: CUSTOM, (AUDIT), DENY, ALLOW.
public enum Action {
    ALLOW,
    DENY,
    AUDIT,
    CUSTOM
}
