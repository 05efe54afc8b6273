package dev.countersign.clusters;

import java.util.UUID;

/// A registered cluster of the tenant: the id for keys, the name for people and URLs.
public record ClusterRef(UUID id, String name) {}
