package dev.countersign.tenancy;

/// An organisation or business unit. `slug` is the part after `@` in a sign-in name and never changes.
public record Tenant(TenantId id, String slug, String name) {}
