package dev.countersign.clusters;

/// Exactly this state of exactly this object: a write that expects it is refused when either has changed.
public record ObjectVersion(String uid, String resourceVersion) {}
