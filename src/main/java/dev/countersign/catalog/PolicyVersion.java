package dev.countersign.catalog;

/// Which state of an AuthorizationPolicy was seen last in its cluster.
public record PolicyVersion(String namespace, String name, String uid, String resourceVersion) {}
