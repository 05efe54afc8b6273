package dev.countersign.approval;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/// A stage as it stands for one request at one moment: how many must agree, and exactly who may.
///
/// - `eligible`: whom the rule names, in words: `team:payments`, `role:SECURITY`, `person:olga`.
/// - `keys`: the same by id, for looking up: `team:…`, `role:SECURITY`, `person:…`.
/// - `people`: those of them who may decide on this request.
record Seats(String name, int needed, List<String> eligible, List<String> keys, Set<UUID> people) {
    Seats {
        eligible = List.copyOf(eligible);
        keys = List.copyOf(keys);
        people = Set.copyOf(people);
        if (needed < 1) {
            throw new IllegalArgumentException("stage " + name + " would need nobody");
        }
    }
}
