package dev.countersign.tenancy;

import java.io.Serializable;
import java.util.UUID;

/// Names a tenant; never reused.
public record TenantId(UUID value) implements Serializable {
    @Override
    public String toString() {
        return value.toString();
    }
}
