package dev.countersign.requests;

/// A request before it is submitted: well-formed, not yet held against the mesh and the tenant's rules.
public record Draft(Ask ask, Justification justification, GrantPeriod period) {}
