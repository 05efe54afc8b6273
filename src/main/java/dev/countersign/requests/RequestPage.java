package dev.countersign.requests;

import java.util.List;
import java.util.Optional;

/// A page of a list, newest first. `next`: pass it as `before` for the following page; empty at the end.
public record RequestPage(List<RequestView> requests, Optional<Long> next) {
    public RequestPage {
        requests = List.copyOf(requests);
    }
}
