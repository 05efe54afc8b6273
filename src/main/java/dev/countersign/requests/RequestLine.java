package dev.countersign.requests;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A request as a line of a list: what can be said without reading what it asks for. `sentence` is the text as it was submitted.
public record RequestLine(long number, RequestState state, String sentence, String requester, Instant submittedAt) {
    /// A page of lines, newest first. `next`: pass it as `before` for the following page; empty at the end.
    public record Page(List<RequestLine> lines, Optional<Long> next) {
        public Page {
            lines = List.copyOf(lines);
        }
    }
}
