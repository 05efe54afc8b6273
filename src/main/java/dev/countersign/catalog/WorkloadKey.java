package dev.countersign.catalog;

import java.util.UUID;

/// Names a workload: cluster, namespace, and the name of its Deployment, StatefulSet or DaemonSet.
public record WorkloadKey(UUID cluster, String namespace, String name) {}
