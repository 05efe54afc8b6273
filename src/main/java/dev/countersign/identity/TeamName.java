package dev.countersign.identity;

import java.util.UUID;

/// A team as it is shown and compared: the id never changes, the words may.
public record TeamName(UUID id, String slug, String name) {}
