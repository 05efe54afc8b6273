package dev.countersign.grants;

import java.util.UUID;

/// What is granted in this cluster of the current tenant changed. Published in the transaction of the change, before it
/// commits. It only wakes: the truth is what `GrantLedger.active` answers.
public record GrantsChanged(UUID cluster) {}
