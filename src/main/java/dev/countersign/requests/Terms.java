package dev.countersign.requests;

/// Why and for how long, of what is asked for elsewhere.
public record Terms(Justification justification, GrantPeriod period) {}
