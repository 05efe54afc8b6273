package dev.countersign.delivery;

import java.util.List;
import java.util.Optional;

/// What one visit to a repository came to.
sealed interface PushReport {
    /// `head`: the branch's newest commit afterwards, empty where there is no such branch; `commit`: the one that was pushed, if any.
    record Visited(Optional<String> head, Optional<String> commit, List<FileOutcome> files) implements PushReport {}

    /// No answer, or a refusal of the whole; nothing is known to have changed. Never holds a secret.
    record Away(String words, String advice) implements PushReport {}

    /// The claim is another's meanwhile: nothing was pushed, and nobody reads what was seen.
    record Overtaken() implements PushReport {}

    /// The portal itself failed at it, and would again: tried ever more seldom, and told like a repository that does not answer.
    static PushReport broken() {
        return new Away("the portal itself fails at this repository", "Tell the operators of the portal: its log says why, beside the name of this cluster. It is tried again by itself.");
    }
}
