package dev.countersign.policy.model;

/// What a PeerAuthentication asks of incoming connections. UNSET inherits from the next wider scope.
public enum TlsMode {
    UNSET,
    DISABLE,
    PERMISSIVE,
    STRICT
}
