package dev.countersign.requests;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.TargetWorkload;

/// Where an Ask takes hold in one cluster, as the catalog knew it when the version was submitted: part of what is decided
/// (the digest covers it), so that a later relabelling cannot move an approved access to other pods.
public record Place(ClusterRef cluster, String trustDomain, TargetWorkload target) {}
