package dev.countersign.git;

import java.io.IOException;
import java.time.Duration;

/// What one visit to a repository may take, and where it may go.
///
/// - `address`: asked before every connection; refuses by throwing, in words that may be shown.
/// - `mostBytes`: of all that the server sends; `longest`: of the whole visit.
public record GitBounds(AddressCheck address, long mostBytes, Duration longest) {
    @FunctionalInterface
    public interface AddressCheck {
        void check() throws IOException;
    }
}
