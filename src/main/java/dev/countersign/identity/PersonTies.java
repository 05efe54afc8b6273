package dev.countersign.identity;

import java.util.Optional;
import java.util.UUID;

/// What still needs a person by name: asked before they are erased, answered by the rooms above. Joins the caller's transaction.
public interface PersonTies {
    /// Why the person must not be erased yet, and what to do; a sentence that does not name them.
    Optional<String> hindersErasure(UUID person);
}
