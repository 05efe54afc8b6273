package dev.countersign.requests;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What a list of requests is narrowed to. Empty means "any"; `text` is searched in sentence and reason.
public record RequestFilter(
        Set<RequestState> states, Optional<UUID> requester, Optional<String> namespace, Optional<String> text) {
    public static final RequestFilter ALL =
            new RequestFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

    public RequestFilter {
        states = Set.copyOf(states);
    }
}
