package dev.countersign.requests;

import dev.countersign.tenancy.TenantId;
import java.util.List;

/// What these waiting requests would open and cut may be another now, because a live policy changed. Published outside any
/// transaction with the tenant bound; a hint to reckon again, perhaps told twice, and lost with the process.
public record EffectsMoved(TenantId tenant, List<Long> numbers) {
    public EffectsMoved {
        numbers = List.copyOf(numbers);
    }
}
