package dev.countersign.grants;

import java.util.List;
import java.util.Optional;

/// A page of a list, newest first. `next`: pass it as `before` for the following page; empty at the end.
public record GrantPage(List<Grant> grants, Optional<Long> next) {
    public GrantPage {
        grants = List.copyOf(grants);
    }
}
