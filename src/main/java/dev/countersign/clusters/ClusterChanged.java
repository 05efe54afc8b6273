package dev.countersign.clusters;

import dev.countersign.tenancy.TenantId;
import java.util.UUID;

/// A cluster was registered, retired, given other namespaces or other credentials. Published after the transaction.
public record ClusterChanged(TenantId tenant, UUID cluster) {}
