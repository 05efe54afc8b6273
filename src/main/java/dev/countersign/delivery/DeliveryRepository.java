package dev.countersign.delivery;

import java.time.Instant;
import java.util.Optional;

/// The Git repository of a cluster and how it stands, to show; nothing secret is in it.
///
/// - `passwordKept`: whether one is stored.
/// - `head`: the newest commit of the branch as last seen; `pushedCommit`, `pushedAt`: the last that the portal pushed.
/// - `waiting`: policies whose newest revision is not in the repository yet; `pushed`: those that are, and that the cluster has not shown yet.
/// - `trouble`: there while the repository cannot be reached or does not take what is pushed.
public record DeliveryRepository(
        RepositoryPlace place, String username, boolean passwordKept, Instant setAt, Optional<String> head, Optional<Instant> lookedAt,
        Optional<String> pushedCommit, Optional<Instant> pushedAt, int waiting, int pushed, Optional<Trouble> trouble) {
    /// Since when, in whose words, and what to do.
    public record Trouble(Instant since, String words, String advice) {}
}
