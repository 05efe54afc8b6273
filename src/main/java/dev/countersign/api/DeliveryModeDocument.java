package dev.countersign.api;

import dev.countersign.delivery.DeliveryMode;
import dev.countersign.delivery.DeliveryRepository;
import java.time.Instant;
import java.util.Optional;

/// How a cluster gets its policies. `repository` is null for a cluster that the portal writes to itself.
record DeliveryModeDocument(String cluster, DeliveryMode mode, Optional<RepositoryDocument> repository) {
    /// `head`: the branch's newest commit as last seen; `waiting`: files that are not pushed yet; `pushed`: policies that are, and that the
    /// cluster has not shown yet; `trouble`: null where all is well. Whether a password is stored is said, never which.
    record RepositoryDocument(
            String url, String branch, String directory, String username, boolean passwordKept, Instant setAt, Optional<String> head, Optional<String> pushedCommit,
            Optional<Instant> pushedAt, int waiting, int pushed, Optional<TroubleDocument> trouble) {}

    record TroubleDocument(Instant since, String words, String advice) {}

    static DeliveryModeDocument of(String cluster, Optional<DeliveryRepository> repository) {
        return new DeliveryModeDocument(cluster, repository.isPresent() ? DeliveryMode.REPOSITORY : DeliveryMode.DIRECT, repository.map(known -> new RepositoryDocument(
                known.place().url(), known.place().branch(), known.place().directory(), known.username(), known.passwordKept(), known.setAt(), known.head(), known.pushedCommit(),
                known.pushedAt(), known.waiting(), known.pushed(), known.trouble().map(trouble -> new TroubleDocument(trouble.since(), trouble.words(), trouble.advice())))));
    }
}
