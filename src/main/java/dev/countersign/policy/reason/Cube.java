package dev.countersign.policy.reason;

import java.util.List;

/// A conjunction of demands: one `from` entry with one `to` entry and every `when` of a rule, at one protocol or both.
record Cube(List<Literal> literals) {}
