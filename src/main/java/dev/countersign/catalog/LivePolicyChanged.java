package dev.countersign.catalog;

import dev.countersign.tenancy.TenantId;
import java.util.UUID;

/// An AuthorizationPolicy or PeerAuthentication of a cluster is new, changed, or `gone`. Published after the catalog was
/// committed, on a thread of its own with the tenant bound, outside any transaction; never lost while the portal runs,
/// perhaps told twice: a hint to look, not a fact to fold.
public record LivePolicyChanged(TenantId tenant, UUID cluster, String kind, String namespace, String name, boolean gone) {}
