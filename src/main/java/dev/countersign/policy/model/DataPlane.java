package dev.countersign.policy.model;

/// The kind of proxy that enforces policies for a workload.
public enum DataPlane {
    SIDECAR,
    GATEWAY,
    WAYPOINT,
    ZTUNNEL
}
