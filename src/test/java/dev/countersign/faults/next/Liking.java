package dev.countersign.faults.next;

import java.io.Serializable;

/// Kept in sessions by the next version; this one has no such class.
public record Liking(String colour) implements Serializable {}
